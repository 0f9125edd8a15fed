// Tells the page that this place has come into view; again while nothing replaces it.
const APART = 60; // milliseconds between two places that tell: Streamlit takes one fragment's news at a time
const AGAIN = 3000; // milliseconds after which a place that is still there tells again

let free = 0; // when the next place may tell
const places = new WeakMap(); // place on the page → what watches it

export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector("[role=img]");
  place.style.height = `${data.height}px`;
  place.setAttribute("aria-label", data.says);
  places.get(place)?.(); // drawn again: only the newest watches
  let timer = 0;
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
  const watcher = new IntersectionObserver((seen) => {
    if (seen.some((one) => one.isIntersecting)) {
      watcher.disconnect();
      queue();
    }
  });
  watcher.observe(place);
  const stop = () => {
    watcher.disconnect();
    clearTimeout(timer);
  };
  places.set(place, stop);
  return stop;
}
