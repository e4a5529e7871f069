/** Whether the API answers, and until when what the page shows is known to be true. */
export interface ConnectionState {
  lost: boolean;
  lastAnswer: Date;
}

let state: ConnectionState = { lost: false, lastAnswer: new Date() };
const listeners = new Set<() => void>();

function set(next: ConnectionState): void {
  const changed = next.lost !== state.lost;
  // While all is well the time is only noted: nothing on the page shows it.
  state = changed ? next : Object.assign(state, next);
  if (changed) for (const listener of listeners) listener();
}

export const connection = {
  get: (): ConnectionState => state,
  alive: (): void => set({ lost: false, lastAnswer: new Date() }),
  lost: (): void => set({ lost: true, lastAnswer: state.lastAnswer }),
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
