/** Who asks for a place in a gang. */
export interface Member {
  /** One attempt to be a rank; never used twice. */
  memberId: string;
  workerId: string;
  host: string;
  /** Engine, instruction set, threads, code: equal in a gang, or the bits would differ. */
  fingerprint: string;
  pid?: number;
  /** The last step of the run that it has applied and holds the state of; absent: it holds none. */
  step?: number;
}

/** open: gathers members; started: the gang is fixed; closed: aborted, nothing of it counts any more. */
export type GroupPhase = 'open' | 'started' | 'closed';

export interface CompleteStep {
  generation: number;
  step: number;
}

export interface GroupState {
  generation: number;
  phase: GroupPhase;
  /** Why the generation was opened, or, when closed, why it ended. */
  reason: string;
  /** In order of their claims; after the start a member's position is its rank. */
  members: Member[];
  complete: CompleteStep | null;
}

export type RefusalCode =
  | 'generation-ended'
  | 'closed'
  | 'full'
  | 'duplicate-member'
  | 'duplicate-worker'
  | 'fingerprint'
  | 'too-few'
  | 'unknown-member';

/** A script found that the caller's view is not (or no longer) so. Nothing was changed. */
export interface Refusal {
  accepted: false;
  reason: RefusalCode;
  /** The current generation of the run; 0 where it has none. */
  generation: number;
  /** Why the current generation was opened or ended. */
  detail: string;
}

export type Accepted<Result> = ({ accepted: true } & Result) | Refusal;
