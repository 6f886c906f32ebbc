// What is wrong with a page as it stands in its window: parts that run over the edge, and targets that are hard to hit.
// `least` is the size of a target in pixels (WCAG 2.5.8); a smaller one needs a free circle of that size around its middle.
(least) => {
  const isHidden = (one) => one.closest(".unseen, .skip, [inert]") !== null;
  const shown = (one) => one.outerHTML.slice(0, 120);
  const faults = [];

  const page = document.documentElement;
  if (Math.max(page.scrollWidth, document.body.scrollWidth) > innerWidth) {
    const outside = [...document.querySelectorAll("body *")].filter((one) => {
      const { left, right, width } = one.getBoundingClientRect();
      return width && (right > page.clientWidth + 1 || left < -1) && !isHidden(one);
    });
    faults.push(`${page.scrollWidth} px wide: ${outside.slice(0, 3).map(shown).join(" | ")}`);
  }

  // The label of a box is part of its target. A link in a sentence is as high as the line.
  const CHECKS = "input[type=checkbox], input[type=radio]";
  const box = (one) => ((one.matches(CHECKS) && (one.closest("label") ?? one.labels?.[0])) || one).getBoundingClientRect();
  const isInSentence = (one) => getComputedStyle(one).display === "inline"
    && [...one.parentElement.childNodes].some((next) => next.nodeType === Node.TEXT_NODE && next.textContent.trim().length > 1);
  const targets = [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !isHidden(one) && box(one).width > 1);
  const boxes = targets.map(box);
  const isSmall = ({ width, height }) => width < least - 0.5 || height < least - 0.5;
  const middle = ({ left, top, width, height }) => [left + width / 2, top + height / 2];
  const isFree = (at) => {
    const [x, y] = middle(boxes[at]);
    return boxes.every((other, number) => {
      if (number === at) return true;
      const [otherX, otherY] = middle(other);
      const nearX = Math.max(other.left, Math.min(x, other.right)), nearY = Math.max(other.top, Math.min(y, other.bottom));
      return Math.hypot(x - nearX, y - nearY) >= least / 2 && (!isSmall(other) || Math.hypot(x - otherX, y - otherY) >= least);
    });
  };
  targets.forEach((one, at) => {
    const { width, height } = boxes[at];
    if (isSmall(boxes[at]) && !isInSentence(one) && !isFree(at)) faults.push(`${Math.round(width)}×${Math.round(height)}: ${shown(one)}`);
  });
  return faults;
}
