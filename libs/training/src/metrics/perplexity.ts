/** exp(nats a token): how many equally likely tokens a model is in doubt between. @param nats summed over the tokens */
export const perplexity = (nats: number, tokens: number): number => Math.exp(nats / tokens);
