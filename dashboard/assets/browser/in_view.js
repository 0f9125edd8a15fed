// Tells the page that this place has come into view, or will within `data.ahead` pixels; again while nothing replaces it.
const APART = 60; // milliseconds between two places that tell: Streamlit takes one fragment's news at a time
const AGAIN = 3000; // milliseconds after which a place that is still there tells again

let free = 0; // when the next place may tell

export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector("div");
  place.style.height = `${data.height}px`;
  place.setAttribute("aria-label", data.says);
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
  const watcher = new IntersectionObserver(
    (places) => {
      if (places.some((one) => one.isIntersecting)) {
        watcher.disconnect();
        queue();
      }
    },
    { root: place.closest("[data-testid=stMain]"), rootMargin: `${data.ahead}px 0px` },
  );
  watcher.observe(place);
  return () => {
    watcher.disconnect();
    clearTimeout(timer);
  };
}
