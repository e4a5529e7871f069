-- DropIndex
DROP INDEX "Model_runId_key";

-- AlterTable
ALTER TABLE "Model" ADD COLUMN     "baseId" UUID,
ADD COLUMN     "kind" TEXT,
ADD COLUMN     "promoted" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "stage" TEXT NOT NULL DEFAULT 'none',
ALTER COLUMN "task" DROP NOT NULL,
ALTER COLUMN "runId" DROP NOT NULL,
ALTER COLUMN "datasetId" DROP NOT NULL;

-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "baseId" UUID,
ALTER COLUMN "datasetId" DROP NOT NULL;

-- CreateTable
CREATE TABLE "Sample" (
    "runId" UUID NOT NULL,
    "step" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Sample_pkey" PRIMARY KEY ("runId","step","kind")
);

-- CreateIndex
CREATE INDEX "Model_name_idx" ON "Model"("name");

-- CreateIndex
CREATE INDEX "Model_baseId_idx" ON "Model"("baseId");

-- CreateIndex
CREATE UNIQUE INDEX "Model_runId_step_key" ON "Model"("runId", "step");

-- CreateIndex
CREATE INDEX "Run_baseId_idx" ON "Run"("baseId");

-- AddForeignKey
ALTER TABLE "Run" ADD CONSTRAINT "Run_baseId_fkey" FOREIGN KEY ("baseId") REFERENCES "Model"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Sample" ADD CONSTRAINT "Sample_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Model" ADD CONSTRAINT "Model_baseId_fkey" FOREIGN KEY ("baseId") REFERENCES "Model"("id") ON DELETE SET NULL ON UPDATE CASCADE;


-- The models that are there were all made by bert-pretrain
UPDATE "Model" SET "kind" = 'pretraining';
