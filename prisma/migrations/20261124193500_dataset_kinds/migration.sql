-- AlterTable
ALTER TABLE "Dataset" ADD COLUMN     "examples" INTEGER,
ADD COLUMN     "options" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "summary" JSONB NOT NULL DEFAULT '{}',
ALTER COLUMN "documents" DROP NOT NULL,
ALTER COLUMN "sentences" DROP NOT NULL;
