/** Vite bundles style sheets; the compiler needs only to know that they can be imported. */
declare module '*.css';
