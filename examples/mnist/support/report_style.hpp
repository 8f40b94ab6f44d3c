/// @file
/// The style sheet of the training report.
#pragma once

#include <string>

namespace mnist {

/// Texts have a contrast of at least 4.5 in both color schemes, also on the darkest cells of a table, whose
/// classes are right1 to right10 and wrong1 to wrong10.
inline std::string report_style() {
  std::string css = R"(
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1b1f26; --muted: #545c68; --line: #d9dde3;
  --accent: #1d5fd1; --series-1: #0072b2; --series-2: #c2410c; --right: 37 99 235; --wrong: 234 88 12;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101318; --card: #181c23; --ink: #e7eaf0; --muted: #a3acba; --line: #323945;
    --accent: #7cb0ff; --series-1: #56b4e9; --series-2: #fb923c; --right: 59 130 246; --wrong: 249 115 22;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
header, main { max-width: 70rem; margin: 0 auto; padding: 0 clamp(.75rem, 3vw, 2rem); }
header { padding-top: clamp(1.25rem, 4vw, 3rem); }
main { padding-bottom: 3rem; }
h1 { margin: 0; font-size: clamp(1.7rem, 5vw, 2.5rem); line-height: 1.15; letter-spacing: -.02em; }
h2 { margin: 0 0 .4rem; font-size: 1.3rem; line-height: 1.25; letter-spacing: -.01em; }
p { margin: 0 0 .8rem; max-width: 46rem; overflow-wrap: anywhere; }
header p { margin: .5rem 0 0; font-size: 1.05rem; color: var(--muted); }
section {
  margin-top: 1.25rem; padding: clamp(1rem, 2.5vw, 1.75rem); background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem;
}
section > :last-child { margin-bottom: 0; }
figure { margin: 0; }
figcaption, caption, .note { color: var(--muted); font-size: .875rem; line-height: 1.45; }
caption { text-align: left; padding-bottom: .6rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: 600; }
.scroll { overflow-x: auto; }

.key-figures {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem;
  margin: 1.5rem 0 0;
}
.key-figures div {
  padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
}
.key-figures dt { color: var(--muted); font-size: .875rem; }
.key-figures dd {
  margin: 0; overflow-wrap: anywhere; font-size: 1.6rem; font-weight: 650; line-height: 1.25;
  font-variant-numeric: tabular-nums;
}
.key-figures dd + dd { font-size: .875rem; font-weight: 400; color: var(--muted); }

.curves {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 1.25rem;
  margin: 1rem 0;
}
.curves svg { display: block; width: 100%; height: auto; font-family: inherit; }
.curves figcaption strong { display: block; font-size: 1rem; color: var(--ink); }
.key { margin-right: 1em; white-space: nowrap; }
.key::before {
  content: ""; display: inline-block; width: 1.1em; height: .22em; margin-right: .4em; vertical-align: middle;
  border-radius: 1em; background: var(--series-1);
}
.key.second::before {
  border-radius: 0;
  background: linear-gradient(90deg, var(--series-2) 40%, transparent 40% 60%, var(--series-2) 60%);
}
summary { cursor: pointer; padding: .35rem 0; color: var(--accent); }
details { margin-bottom: .8rem; }
.numbers th, .numbers td {
  padding: .25rem .7rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--line);
}
.numbers thead th { border-top: 0; }

.confusion { border-collapse: separate; border-spacing: 2px; }
.confusion th, .confusion td {
  padding: .45rem .25rem; min-width: 4rem; text-align: center; border-radius: .3rem;
}
.confusion.many th, .confusion.many td { padding: .2rem .15rem; min-width: 1.8rem; font-size: .75rem; }
.confusion thead th, .confusion tbody th, .confusion tfoot th, .confusion .zero, .confusion .share {
  color: var(--muted);
}
.confusion tbody th, .confusion tfoot th { position: sticky; left: 0; background: var(--card); }

.pictures {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(6.7rem, 1fr)); gap: 1rem;
  margin: 1rem 0 0; padding: 0; list-style: none;
}
.pictures.many { grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); }
.pictures.portraits { grid-template-columns: repeat(5, minmax(0, 1fr)); max-width: 44rem; }
.pictures img, .units img {
  display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated;
  border: 1px solid var(--line); border-radius: .3rem;
}
.pictures strong { color: var(--ink); }
.pictures figcaption { margin-top: .35rem; font-size: .8125rem; line-height: 1.35; }
.pictures figcaption div {
  display: flex; flex-wrap: wrap; justify-content: space-between; font-variant-numeric: tabular-nums;
}
.units { display: grid; grid-template-columns: repeat(10, minmax(0, 1fr)); gap: .4rem; margin: 1rem 0 .8rem; }
.legend { display: flex; align-items: center; gap: .6rem; }
.legend span {
  flex: 0 1 14rem; height: .8rem; border: 1px solid var(--line); border-radius: 1rem;
  background: linear-gradient(90deg, rgb(240 124 27), rgb(240 124 27 / 0) 50%, rgb(47 129 247 / 0) 50%,
                              rgb(47 129 247));
}

.settings { width: 100%; }
.settings th, .settings td {
  padding: .4rem 1rem .4rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line);
}
.settings th { width: 12rem; color: var(--muted); font-weight: 500; }
.settings td { overflow-wrap: anywhere; }
pre {
  margin: 0 0 1rem; padding: .9rem 1rem; background: var(--page); border: 1px solid var(--line);
  border-radius: .5rem; white-space: pre-wrap; overflow-wrap: anywhere;
  font: .875rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
pre span { display: inline-block; max-width: 100%; }

@media (prefers-color-scheme: dark) { .ink.ink { filter: invert(.93); border-color: #cfc8bc; } }
@media (max-width: 34rem) {
  .key-figures { gap: .5rem; grid-template-columns: 1fr 1fr; }
  .key-figures div { padding: .65rem .8rem; }
  .key-figures dd { font-size: 1.3rem; }
  .confusion { border-spacing: 1px; }
  .confusion th, .confusion td, .confusion.many th, .confusion.many td {
    min-width: 1.6rem; padding: .35rem .1rem; font-size: .75rem;
  }
  .pictures, .pictures.portraits { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .75rem .6rem; }
  .pictures.many { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .pictures figcaption { font-size: .7rem; }
  .units { grid-template-columns: repeat(5, minmax(0, 1fr)); }
  .settings th { width: 38%; }
}
@media print { section { break-inside: avoid; border: 0; } }
)";
  for (int level = 1; level <= 10; ++level) {
    const std::string number = std::to_string(level), opacity = std::to_string(5 * level) + "%";
    css += ".right" + number + " { background: rgb(var(--right) / " + opacity + "); }\n";
    css += ".wrong" + number + " { background: rgb(var(--wrong) / " + opacity + "); }\n";
  }
  return css;
}

}  // namespace mnist
