import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npm run dev -w @regatta/dashboard` beside an API on its usual port; the build is served by the API itself. */
const api = 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/api': api, '/signin': api } },
  // Inlined assets would be data: URLs, which the API's content security policy does not allow for fonts and scripts.
  build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
});
