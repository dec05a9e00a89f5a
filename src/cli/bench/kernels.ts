import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import { ISOLATION } from '../content-security';
import { findChromium, HARDWARE_WEBGPU, mayHaveCard, QUIET_CHROMIUM, ROOT, SOFTWARE_WEBGPU } from '../prepare.mjs';
import { MACHINE, report } from './report';

interface Figures {
  ms: number;
  teraflops: number;
}

/** What the suite `kernels` of e2e/perf gives for one kernel and size. */
interface Row {
  program: string;
  name: string;
  onnxruntime: Figures;
  /** By tiling. */
  ours: Readonly<Record<string, Figures & { difference: number }>>;
}

/** Far above what anything takes, also where a processor stands in for the card. */
const PATIENCE_MS = 3_600_000;

/**
 * Each of Easel's own kernels beside onnxruntime's, for layers of SD 1.5, SDXL and the VAE, in headless Chromium on
 * this machine's graphics card. Where it has none, a processor stands in: then one small size of each, for the
 * difference alone.
 */
export async function kernels(): Promise<void> {
  const outDir = await mkdtemp(join(tmpdir(), 'easel-kernels-'));
  const root = join(ROOT, 'e2e', 'perf');
  const configFile = join(root, 'vite.config.ts');
  await build({ configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const server = await preview({
    configFile,
    logLevel: 'warn',
    build: { outDir },
    preview: { port: 0, headers: ISOLATION },
  });
  const address = `${server.resolvedUrls?.local[0]}gpu.html`;
  let opened = await open(mayHaveCard() ? HARDWARE_WEBGPU : SOFTWARE_WEBGPU, address);
  const hasCard = await opened.page.evaluate(IS_CARD);
  try {
    if (!hasCard && mayHaveCard()) {
      await opened.browser.close();
      opened = await open(SOFTWARE_WEBGPU, address);
    }
    const { browser, page } = opened;
    page.on('console', (message) => message.type() === 'log' && console.log(message.text()));
    page.setDefaultTimeout(PATIENCE_MS);
    const options = JSON.stringify({ device: 'webgpu', kernels: 'own', tiny: !hasCard });
    const { rows } = await page.evaluate<{ rows: readonly Row[] }>(`perf('kernels', ${options})`);
    await report('kernels', {
      machine: MACHINE,
      browser: browser.version(),
      adapter: hasCard ? 'a graphics card' : 'a processor, whose times say nothing of a card',
      kernels: Object.fromEntries(rows.map((row) => [`${row.program} ${row.name}`, columnsOf(row)])),
    });
  } finally {
    await opened.browser.close();
    await server.close();
    await rm(outDir, { recursive: true });
  }
}

async function open(webGpu: readonly string[], address: string): Promise<{ browser: Browser; page: Page }> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...QUIET_CHROMIUM, ...webGpu] });
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction("'perf' in window");
  return { browser, page };
}

/** Whether WebGPU reaches a card. */
const IS_CARD = `navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }).then(
  (adapter) => !!adapter && !adapter.info.isFallbackAdapter && !/swiftshader|llvmpipe/i.test(adapter.info.architecture),
  () => false,
)`;

/** The quickest tiling beside onnxruntime's kernel, and the largest difference of all tilings. */
function columnsOf({ onnxruntime, ours }: Row): Record<string, string | number> {
  const [tiling, best] = Object.entries(ours).reduce((a, b) => (b[1].ms < a[1].ms ? b : a));
  const rounded = (value: number) => Number(value.toPrecision(3));
  return {
    'ms, onnxruntime': rounded(onnxruntime.ms),
    'ms, ours': rounded(best.ms),
    'TFLOP/s, onnxruntime': rounded(onnxruntime.teraflops),
    'TFLOP/s, ours': rounded(best.teraflops),
    tiling,
    difference: rounded(Math.max(...Object.values(ours).map(({ difference }) => difference))),
  };
}
