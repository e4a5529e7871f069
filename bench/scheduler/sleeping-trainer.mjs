// What an agent sees of a trainer, without a process: its steps sleep. A run's work is steps × (its worker-milliseconds a step / size of the gang).
let unnamed = 0;

const outcome = (type, step, message = '') => ({
  outcome: type,
  step,
  weightsSha256: type === 'finished' ? 'sleeps' : null,
  code: 'internal',
  message,
  retryable: true,
});

export class SleepingTrainer {
  /** `mtbf`: mean seconds of training between two deaths of a trainer. */
  constructor({ runId, listener, membership, redis, mtbf }) {
    Object.assign(this, {
      runId,
      listener,
      membership,
      redis,
      mtbf,
      pid: ++unnamed,
      held: null,
      generation: 0,
      awake: () => {},
    });
    this.outcome = new Promise((resolve) => (this.#over = resolve));
    this.exited = this.outcome.then(() => undefined);
  }
  #over;

  send(message) {
    if (message.type === 'prepare') setImmediate(() => this.listener.prepared());
    if (message.type === 'stop') {
      this.stop = true;
      this.awake();
    }
  }

  /** Sleeps through the steps that are left. Resolves when the generation, or this trainer, ends. */
  start(message) {
    this.generation = message.generation;
    const left = new Promise((resolve) => (this.leave = resolve));
    void this.#train(message).then((last) => last && this.#over(last));
    return Promise.race([this.outcome, left]);
  }

  async #train({ generation, rank, worldSize, resumeStep, spec }) {
    const { maxSteps } = spec.config.training;
    const workMs = Number(spec.config.name.split(' ').at(-1));
    let step = resumeStep ?? 0;
    this.held = step;
    const lifetime = -Math.log(1 - Math.random()) * this.mtbf * 1000;
    const born = performance.now();
    while (step < maxSteps) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, workMs / maxSteps / worldSize);
        this.awake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (this.generation !== generation || this.gone) return null;
      if (this.stop) return outcome('stopped', step);
      if (performance.now() - born > lifetime)
        return outcome('exited', null, 'its trainer was killed by the benchmark');
      step += 1;
      const marked = await this.membership.mark(this.runId, generation, { step, rank });
      if (!marked.accepted) return null;
      if (marked.complete) await this.redis.hset(`sleep:${this.runId}`, 'step', step);
      this.held = step;
      this.listener.progress(step);
    }
    return outcome('finished', step);
  }

  abort(reason) {
    this.generation = 0;
    this.awake();
    this.leave?.({ outcome: 'ended', reason, step: this.held });
  }

  dismiss() {
    this.kill();
  }

  kill() {
    this.gone = true;
    this.awake();
    this.#over(outcome('exited', null, 'it was ended'));
  }
}
