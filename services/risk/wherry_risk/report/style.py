"""The look of the report: light, dark, and on paper."""

CSS = """
:root { color-scheme: light dark; --ink: #1c2126; --soft: #59636e; --paper: #ffffff;
  --line: #d5dbe1; --bar: #33708f; --warn: #9a6200; --alarm: #b3261e; --panel: #f5f7f9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebef; --soft: #a5b0bb; --paper: #14181c;
  --line: #39424b; --bar: #6fb3d4; --warn: #e5ab4a; --alarm: #ff8a80; --panel: #1c2228; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem; color: var(--ink);
  background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; line-height: 1.2; }
h2 { font-size: 1.3rem; margin: 3rem 0 .25rem; padding-top: 1rem;
  border-top: 2px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.75rem 0 .4rem; }
p { margin: .4rem 0; max-width: 46rem; }
.soft { color: var(--soft); }
.level { font-weight: 600; }
.level.warn { color: var(--warn); } .level.alarm { color: var(--alarm); }
table { border-collapse: collapse; width: 100%; font-size: .9rem;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: .25rem 0; }
th, td { text-align: right; padding: .28rem .6rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td.text, th.text { text-align: left; }
.wide { overflow-x: auto; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem;
  margin: 1rem 0; padding: 0; }
.pair { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: center; }
.pair > svg { flex: 0 0 20rem; } .pair > .wide { flex: 1 1 22rem; }
a { color: var(--bar); }
.facts div { background: var(--panel); border-radius: .5rem; padding: .6rem .9rem; }
.facts dt { color: var(--soft); font-size: .82rem; }
.facts dd { margin: 0; font-size: 1.25rem; font-weight: 600; }
.facts dd small { display: block; font-size: .78rem; font-weight: 400; color: var(--soft); }
svg { width: 100%; max-width: 40rem; height: auto; display: block; }
svg.square { max-width: 21rem; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg text.small { font-size: 11px; fill: var(--soft); }
svg rect { fill: var(--bar); } svg rect.warn { fill: var(--warn); }
svg rect.alarm { fill: var(--alarm); } svg rect.insufficient { fill: var(--soft); }
svg rect.frame { fill: none; stroke: var(--line); }
svg .mark { stroke: var(--soft); stroke-dasharray: 4 3; } svg .line { fill: none;
  stroke: var(--bar); stroke-width: 2; } svg .dot { fill: var(--bar); }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; }
  :root { --ink: #000; --soft: #444; --paper: #fff; --line: #bbb; --bar: #33708f; --warn: #7a4d00;
    --alarm: #8c1d18; --panel: #f2f2f2; }
  h2 { break-before: page; border-top: 0; margin-top: 0; } h2.first { break-before: auto; }
  svg, table, .facts { break-inside: avoid; } h3 { break-after: avoid; } }
"""
