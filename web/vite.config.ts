import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * The theme must be known before the first paint, and the CSP allows no inline script: a tiny
 * classic script in the head, hashed like every other asset.
 */
function firstPaint(): Plugin {
  const name = 'first-paint.js'
  const source = readFileSync(at('./src/staff/first-paint.js'), 'utf8')
  return {
    name: 'vitrine-first-paint',
    configureServer(server) {
      server.middlewares.use(`/assets/${name}`, (_req, res) => {
        res.setHeader('Content-Type', 'text/javascript')
        res.end(source)
      })
    },
    buildStart() {
      if (this.environment?.mode === 'build') this.emitFile({ type: 'asset', name, source })
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, ctx) {
        const file = Object.values(ctx.bundle ?? {}).find((f) => f.type === 'asset' && f.names?.includes(name))
        const src = '/' + (file?.fileName ?? `assets/${name}`)
        return [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }]
      },
    },
  }
}

/** In development every page of the app is staff.html, as the server does it with the built one. */
function pages(): Plugin {
  return {
    name: 'vitrine-pages',
    configureServer(server) {
      server.middlewares.use((req, _res, next) => {
        if (/^\/(collections|links|signin|setup|settings|trash)?(\/[^/.]+)?(\?|$)/.test(req.url ?? '')) req.url = '/staff.html'
        next()
      })
    },
  }
}

const api = process.env.VITRINE_DEV_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root: at('.'),
  plugins: [svelte(), firstPaint(), pages()],
  server: {
    proxy: Object.fromEntries(['/api', '/uploads', '/a/', '/s/', '/d/', '/e/'].map((path) => [path, api])),
  },
  optimizeDeps: { include: ['tus-js-client'] },
  build: {
    outDir: at('./dist'),
    emptyOutDir: true,
    manifest: true,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { staff: at('./staff.html'), guest: at('./src/guest/guest.ts') },
    },
  },
})
