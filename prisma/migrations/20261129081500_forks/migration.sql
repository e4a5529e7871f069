-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "forkedFromId" UUID,
ADD COLUMN     "forkedFromName" TEXT,
ADD COLUMN     "forkedFromStep" INTEGER;

-- CreateIndex
CREATE INDEX "Run_forkedFromId_idx" ON "Run"("forkedFromId");

-- AddForeignKey
ALTER TABLE "Run" ADD CONSTRAINT "Run_forkedFromId_fkey" FOREIGN KEY ("forkedFromId") REFERENCES "Run"("id") ON DELETE SET NULL ON UPDATE CASCADE;
