export function kernelsSource(): Promise<string>;
