"""How a report looks: light or dark as the reader's system is, on a screen or on paper."""

from typing import Final

STYLE: Final = """
:root { --ground: #f6f7f9; --sheet: #ffffff; --ink: #1c2430; --soft: #5b6675; --rule: #dde2e8; --accent: #0b5c6b;
  --s0: #b4531a; --s1: #0b6e81; --s2: #6a4fa3; --s3: #2e7d32; --s4: #b0215d; --s5: #6b5b00; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #10151b; --sheet: #182029; --ink: #e6eaef; --soft: #9aa7b5; --rule: #2b3642; --accent: #6cc5d6;
    --s0: #f0a26b; --s1: #5cc3d8; --s2: #b7a1ee; --s3: #86cf8a; --s4: #f288b5; --s5: #d8c65a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
main { max-width: 880px; margin: 0 auto; padding: 40px 24px 64px; }
header { margin-bottom: 28px; }
.brand { margin: 0; color: var(--accent); font-weight: 600; letter-spacing: .02em; }
h1 { margin: 4px 0 8px; font-size: 32px; line-height: 1.2; font-weight: 650; }
.summary { margin: 0; max-width: 62ch; color: var(--soft); font-size: 18px; }
section { margin: 0 0 20px; padding: 20px 24px; background: var(--sheet); border: 1px solid var(--rule);
  border-radius: 12px; }
h2 { margin: 0 0 12px; font-size: 18px; font-weight: 650; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 1px; padding: 0;
  overflow: hidden; background: var(--rule); }
.card { display: flex; flex-direction: column; gap: 2px; padding: 16px 20px; background: var(--sheet); }
.card span { color: var(--soft); font-size: 14px; line-height: 1.35; }
.card strong { font-size: 27px; font-weight: 650; font-variant-numeric: tabular-nums; }
.card small { color: var(--soft); font-size: 13px; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 13px; }
svg .axis { fill: var(--ink); }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .equal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 5; }
svg .line { fill: none; stroke: var(--c); stroke-width: 2.5; stroke-linejoin: round; }
svg .area { fill: var(--c); fill-opacity: .22; stroke: var(--c); stroke-width: 1.5; stroke-linejoin: round; }
.series-0 { --c: var(--s0); } .series-1 { --c: var(--s1); } .series-2 { --c: var(--s2); }
.series-3 { --c: var(--s3); } .series-4 { --c: var(--s4); } .series-5 { --c: var(--s5); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 8px; padding: 0; list-style: none;
  font-size: 14px; }
.key { display: inline-block; width: 14px; height: 14px; margin-right: 7px; border-radius: 3px;
  background: var(--c); vertical-align: -2px; }
figcaption { margin-top: 8px; color: var(--soft); font-size: 14px; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 8px 10px; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top;
  white-space: pre-line; }
tbody tr:last-child > * { border-bottom: 0; }
th:first-child { padding-left: 0; text-align: left; }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 600; }
.prose { margin: 0; padding-left: 20px; max-width: 72ch; }
.prose li + li { margin-top: 8px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 20px; margin: 0; font-size: 14px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 560px) { main { padding: 24px 12px; } section { padding: 16px; } .cards { padding: 0; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; } }
@media print { body { background: none; } section { break-inside: avoid; } }
"""
