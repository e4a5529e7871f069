-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "fingerprint" TEXT;
