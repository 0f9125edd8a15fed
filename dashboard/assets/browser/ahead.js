// Loads code that the next page will need, one piece after the other, while the browser has nothing else to do.
// `data.parts` are files of Streamlit's own code, beside the script that the page began with; `data.scripts` are ours.
const QUIET = 2000; // milliseconds for which nothing is loaded: who drops a file at once is not to wait for it
const PATIENCE = 5000; // milliseconds after which a browser that is never idle loads the next piece all the same

const whenIdle = window.requestIdleCallback ?? ((then) => setTimeout(then, 100)); // Safari has none
const idle = () => new Promise((then) => whenIdle(then, { timeout: PATIENCE }));

let timer = 0;

// A browser remembers a failed import and does not try again until the page is loaded anew, so what cannot be fetched
// is not imported, nor is what comes behind it and may need it: it is asked for when it is needed.
const load = async (addresses, place) => {
  for (const address of addresses) {
    if (performance.getEntriesByName(address).length) continue; // it is there, or was asked for
    await idle();
    if (!place.isConnected) return; // the page is another one by now, which loads what it needs
    const there = await fetch(address).then((answer) => answer.ok && answer.text()).catch(() => "");
    if (!there) return;
    await import(address).catch(() => {});
  }
};

export default function ({ data, parentElement }) {
  const first = document.querySelector("script[type=module][src]");
  if (!first) return;
  const addresses = [
    ...data.parts.map((name) => new URL(name, first.src).href),
    ...data.scripts.map((name) => new URL(`../${name}/${name.split(".")[1]}.js`, import.meta.url).href),
  ];
  clearTimeout(timer);
  timer = setTimeout(load, QUIET, addresses, parentElement);
  return () => clearTimeout(timer);
}
