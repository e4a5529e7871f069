-- CreateTable
CREATE TABLE "LogLine" (
    "id" BIGINT NOT NULL,
    "runId" UUID NOT NULL,
    "writer" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "level" INTEGER NOT NULL,
    "rank" INTEGER,
    "source" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "LogLine_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "LogLine_runId_id_idx" ON "LogLine"("runId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "LogLine_runId_writer_seq_key" ON "LogLine"("runId", "writer", "seq");

-- AddForeignKey
ALTER TABLE "LogLine" ADD CONSTRAINT "LogLine_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
