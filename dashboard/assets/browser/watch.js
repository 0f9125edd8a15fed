// Asks our own server how a job is, and has its part of the page drawn again: at once when it has ended, `data.pace`
// milliseconds after the last drawing when it has got further, `data.redraw` milliseconds after it in any case. A
// question waits at the server until there is something to tell (with `data.until` of "end", until the job has ended),
// so that waiting costs next to nothing. A page that did not hear (a cut line, a run that took its place) is told again.
const ASK = 150; // least milliseconds between two questions; while nothing comes of it each waits a tenth longer, up to
const ASK_SELDOM = 1000;
const LONGEST = 3000; // milliseconds for which a question waits
const AGAIN = 2000; // milliseconds after which a page that was told and was not drawn again is told again

const active = (mark) => ["queued", "running"].includes(mark.split(" ")[0]);
const due = (mark, shown) => (!active(mark) ? 0 : mark === shown.mark ? shown.redraw : shown.pace);

const watched = new WeakMap(); // place on the page → what is shown there

export default function ({ data, parentElement, setTriggerValue }) {
  const known = watched.get(parentElement);
  const drawn = { data, at: performance.now(), told: -Infinity, setTriggerValue };
  if (known) {
    if (known.drawn.data.drawing !== data.drawing) {
      known.drawn = drawn;
    } else {
      known.drawn.setTriggerValue = setTriggerValue;
    }
    return known.stop;
  }
  const asking = new AbortController();
  const stop = () => (clearTimeout(self.timer), asking.abort(), watched.delete(parentElement));
  const self = { drawn, timer: 0, stop };
  let pause = ASK;
  const ask = async () => {
    const { data: shown, at } = self.drawn;
    const wait = Math.round(Math.min(Math.max(shown.redraw - (performance.now() - at), 0), LONGEST));
    const question = new URLSearchParams({ known: shown.mark, until: shown.until, wait });
    const answer = await fetch(`${shown.address}?${question}`, { cache: "no-store", signal: asking.signal });
    return answer.ok ? await answer.text() : null;
  };
  const look = async () => {
    const mark = await ask().catch(() => null); // the server is away: the page says so itself
    if (!watched.has(parentElement)) return;
    const now = performance.now();
    const { data: shown, at, told } = self.drawn;
    const early = mark === null ? 0 : due(mark, shown) - (now - at);
    if (mark !== null && early <= 0 && now - told > AGAIN) {
      self.drawn.told = now;
      self.drawn.setTriggerValue("news", mark);
      pause = ASK;
    }
    const heard = mark !== null && self.drawn.told === -Infinity; // nothing to tell yet: the next question waits itself
    pause = heard ? ASK : Math.min(pause * 1.1, ASK_SELDOM);
    self.timer = setTimeout(look, heard && mark !== shown.mark ? Math.max(early, pause) : pause);
  };
  watched.set(parentElement, self);
  self.timer = setTimeout(look, ASK);
  return self.stop;
}
