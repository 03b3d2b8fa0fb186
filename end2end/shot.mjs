import { chromium } from '@playwright/test';
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
const bin='/work/main/target/debug/';
const demo = spawn(bin+'demo-workspace', ['--port', '0', '--tokens', '1276', '--users', '200']);
const ann = await new Promise(r => { let b=''; demo.stdout.on('data', d => { b += d; try { r(JSON.parse(b.trim().split('\n')[0])); } catch {} }); });
const dir = await mkdtemp('/tmp/shot-');
const con = spawn(bin+'pat-console', ['serve','--listen','127.0.0.1:3977','--data-dir',dir,'--workspace',`acme-prod=${ann.url}`,'--part-wait-ms','20000'], {env: {...process.env}});
con.stderr.on('data', d => process.env.V && console.log(String(d)));
await new Promise(r => setTimeout(r, 2500));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const pages = (process.argv[2] ?? 'tokens').split(',');
for (const [name, opt] of [['desk', {viewport:{width:1280,height:800}, colorScheme:'light'}], ['phone', {viewport:{width:390,height:844}, colorScheme:'dark', isMobile:true, hasTouch:true}]]) {
  const ctx = await browser.newContext({ ...opt, baseURL: 'http://127.0.0.1:3977' });
  const page = await ctx.newPage();
  page.on('console', m => ['error','warning'].includes(m.type()) && console.log(name, m.text()));
  await page.request.post('/api/sign_in/with_token', { form: { workspace:'acme-prod', token: ann.admin.pat, next: '' }, headers: { accept:'text/html', origin:'http://127.0.0.1:3977' }, maxRedirects: 0 });
  for (const p of pages) {
    await page.goto('/w/acme-prod/'+p); await page.waitForTimeout(1200);
    const key = p.replace(/[^a-z]/g,'_');
    if (p === 'tokens') {
      console.log(name, await page.evaluate(() => JSON.stringify({ first: document.querySelector('#first-row')?.getBoundingClientRect().top, heights: [...new Set([...document.querySelectorAll('.tokens tbody tr')].map(r => r.getBoundingClientRect().height))], elements: document.querySelectorAll('*').length, over: document.documentElement.scrollWidth - innerWidth })));
      if (name==='desk') { await page.getByRole('row').getByRole('checkbox').nth(2).check(); await page.getByRole('row').getByRole('checkbox').nth(3).check(); }
    }
    await page.screenshot({ path: `/tmp/s-${name}-${key}.png` });
  }
  await page.getByRole('button', { name: /account menu$/ }).click(); await page.screenshot({ path: `/tmp/s-${name}-account.png` });
}
await browser.close(); con.kill(); demo.kill();
