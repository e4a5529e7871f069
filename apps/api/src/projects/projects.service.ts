import { Injectable } from '@nestjs/common';
import {
  AppError,
  type listQuery,
  newId,
  type Page,
  type project,
  type projectBody,
  type projectPatch,
} from '@regatta/contracts';
import type { z } from 'zod';
import { Database, type Prisma } from '../database/database.js';
import { pageOf } from '../http/paging.js';

type Project = z.output<typeof project>;
const include = { _count: { select: { runs: true } } } as const;
type Row = Prisma.ProjectGetPayload<{ include: typeof include }>;

@Injectable()
export class ProjectsService {
  constructor(private readonly database: Database) {}

  /** The project of this name, made if there is none. */
  async idOf(name: string): Promise<string> {
    await this.database.project.createMany({ data: { id: newId(), name }, skipDuplicates: true });
    return (await this.database.project.findUniqueOrThrow({ where: { name } })).id;
  }

  async list(query: z.output<typeof listQuery>): Promise<Page<Project>> {
    const page = await pageOf(query, (args) => this.database.project.findMany({ ...args, include }));
    return { items: page.items.map(view), nextCursor: page.nextCursor };
  }

  async create(id: string, body: z.output<typeof projectBody>): Promise<Project> {
    await this.database.project.createMany({ data: { id, ...body }, skipDuplicates: true });
    const row = await this.database.project.findUnique({ where: { id }, include });
    if (!row) throw taken(body.name);
    return view(row);
  }

  async patch(id: string, patch: z.output<typeof projectPatch>): Promise<Project> {
    const other =
      patch.name === undefined ? null : await this.database.project.findUnique({ where: { name: patch.name } });
    if (other && other.id !== id) throw taken(patch.name as string);
    const { count } = await this.database.project.updateMany({ where: { id }, data: patch });
    if (count === 0) throw new AppError('not-found', `There is no project ${id}`);
    return view(await this.database.project.findUniqueOrThrow({ where: { id }, include }));
  }

  async delete(id: string): Promise<void> {
    const row = await this.database.project.findUnique({ where: { id }, include });
    if (!row) throw new AppError('not-found', `There is no project ${id}`);
    const { count } = await this.database.project.deleteMany({ where: { id, runs: { none: {} } } });
    if (count === 0)
      throw new AppError('conflict', `This project has ${row._count.runs} runs`, { next: 'Delete them first' });
  }
}

const taken = (name: string) => new AppError('conflict', `There is a project named ${JSON.stringify(name)} already`);

function view(row: Row): Project {
  const { id, name, description, createdAt } = row;
  return { id, name, description, runs: row._count.runs, createdAt: createdAt.toISOString() };
}
