// What of a page's shape a program can tell, as lines for people; none when all is well. Numbers in brackets are the
// success criteria of WCAG 2.2. The window is as narrow as those ask for, which is also 1,280 pixels at 400%.
async () => {
  const found = [];
  const named = (each) => `<${each.tagName.toLowerCase()} class="${each.className}"> ${each.innerText?.slice(0, 40) ?? ""}`;
  const root = document.documentElement;
  const shown = (each) => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length > 0;
  const tooWide = (when) => {
    const over = root.scrollWidth - root.clientWidth;
    if (over > 0) found.push(`${over} pixels wider than its window ${when} (1.4.10)`);
  };

  if (document.querySelectorAll("h1").length !== 1) found.push("not one main heading");
  tooWide("as it is");

  // Buttons, links and boxes big enough to be hit, or far enough from each other; but for links within a sentence.
  const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(shown)
    .map((each) => ({ each, box: each.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 1 && box.height > 1);
  const inSentence = (each) =>
    getComputedStyle(each).display === "inline" && each.parentElement.textContent.trim() !== each.textContent.trim();
  for (const { each, box } of targets) {
    if ((box.width >= 23.5 && box.height >= 23.5) || inSentence(each)) continue;
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    const close = targets.find((other) => {
      if (other.each === each || other.each.contains(each) || each.contains(other.each)) return false;
      const dx = Math.max(other.box.left - x, 0, x - other.box.right);
      const dy = Math.max(other.box.top - y, 0, y - other.box.bottom);
      return Math.hypot(dx, dy) < 12;
    });
    if (close) found.push(`${named(each)}: too small, and too close to ${named(close.each)} (2.5.8)`);
  }

  // Whoever goes by the keyboard sees where they are. One of each kind is enough for how that looks; for whether it is
  // covered by what stays in place, each is tried, on pages that have such a thing.
  const stuck = [...document.body.querySelectorAll("*")].some((each) =>
    ["sticky", "fixed"].includes(getComputedStyle(each).position),
  );
  const kinds = new Set();
  const looks = (each) => {
    const { outlineStyle, outlineWidth, boxShadow, backgroundColor, borderColor } = getComputedStyle(each);
    return [outlineStyle, outlineWidth, boxShadow, backgroundColor, borderColor].join();
  };
  const before = document.activeElement;
  before?.blur(); // or it would look at rest as it does with the focus
  for (const { each } of targets) {
    const kind = `${each.tagName} ${each.type} ${each.className}`;
    const drawnByLabel = ["radio", "checkbox"].includes(each.type);
    if ((kinds.has(kind) || drawnByLabel) && !stuck) continue;
    const rest = looks(each);
    each.focus();
    if (document.activeElement !== each) continue;
    if (!kinds.has(kind) && !drawnByLabel && looks(each) === rest) found.push(`${named(each)}: no focus is seen (2.4.7)`);
    kinds.add(kind);
    if (!stuck) continue;
    const box = each.getBoundingClientRect();
    const spots = [0.1, 0.5, 0.9].map((part) => [box.left + box.width / 2, box.top + box.height * part]);
    const free = spots.some(([x, y]) => {
      const top = document.elementFromPoint(x, y);
      return top && (each.contains(top) || top.contains(each) || each.labels?.[0]?.contains(top));
    });
    if (!free) found.push(`${named(each)}: covered when it has the focus (2.4.11)`);
  }
  if (before instanceof HTMLElement) before.focus();
  if (document.activeElement !== before) document.activeElement.blur();
  scrollTo(0, 0);

  // Text may be spaced as its reader needs it.
  const spaced = new CSSStyleSheet();
  spaced.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, spaced];
  tooWide("with its text spaced out");
  for (const each of document.querySelectorAll("main *, header *")) {
    if (getComputedStyle(each).overflow !== "hidden" || !shown(each) || each.clientHeight < 2) continue;
    if (each.scrollHeight > each.clientHeight + 2 && each.innerText) found.push(`${named(each)}: cut off (1.4.12)`);
  }
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== spaced);
  return found;
}
