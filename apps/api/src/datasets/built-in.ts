/** Names that no upload may take; each is made at its first use. */
export const builtInNames = ['brown'];
