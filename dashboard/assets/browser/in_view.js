// Tells the page that this place has come into view and stays there; again while nothing replaces it. While a page
// builds up, places stand for a moment where others will, and when it is scrolled far they pass by.
const SETTLED = 150; // milliseconds a place must stay in view, and then until the browser has nothing else to do,
const PATIENCE = 1000; // but no longer than this
const APART = 60; // milliseconds between two places that tell: Streamlit takes one fragment's news at a time
const AGAIN = 3000; // milliseconds after which a place that is still there tells again
const NARROW = matchMedia("(max-width: 640px)"); // where Streamlit puts columns below each other

const whenIdle = window.requestIdleCallback ?? ((then) => setTimeout(then)); // Safari has none
const notWhenIdle = window.cancelIdleCallback ?? clearTimeout;

let free = 0; // when the next place may tell
const places = new WeakMap(); // place on the page → what watches it

export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector("[role=img]");
  place.style.height = `${NARROW.matches ? data.narrow : data.height}px`;
  place.setAttribute("aria-label", data.says);
  places.get(place)?.(); // drawn again: only the newest watches
  let timer = 0;
  let idle = 0;
  const tell = () => {
    if (!place.isConnected) return;
    setStateValue("seen", performance.now());
    timer = setTimeout(queue, AGAIN);
  };
  const queue = () => {
    const now = performance.now();
    free = Math.max(now, free + APART);
    timer = setTimeout(tell, free - now);
  };
  const forget = () => {
    clearTimeout(timer);
    notWhenIdle(idle);
  };
  const settle = () => {
    idle = whenIdle(
      () => {
        watcher.disconnect();
        queue();
      },
      { timeout: PATIENCE },
    );
  };
  const watcher = new IntersectionObserver((seen) => {
    forget();
    if (seen.at(-1).isIntersecting) timer = setTimeout(settle, SETTLED);
  });
  watcher.observe(place);
  const stop = () => {
    watcher.disconnect();
    forget();
  };
  places.set(place, stop);
  return stop;
}
