// Asks our own server how a job is, and has its part of the page drawn again: at once when it has ended, `data.pace`
// milliseconds after the last drawing when it has got further, `data.redraw` milliseconds after it in any case. A
// question waits at the server until there is something to tell (with `data.until` of "end", until the job has ended),
// so that waiting costs next to nothing. A page that did not hear (a cut line, a run that took its place) is told again.
const ASK = 150; // least milliseconds between two questions; while nothing comes of it each waits a tenth longer, up to
const ASK_SELDOM = 1000;
const LONGEST = 3000; // milliseconds for which a question waits
const LOST = 8000; // milliseconds after which nobody answers any more: the line was cut meanwhile
const AGAIN = 2000; // milliseconds after which a page that was told and was not drawn again is told again; twice as
// long after each time, up to the next: a busy machine is long in drawing a page, and being told may begin that anew
const AGAIN_SELDOM = 16000;
const GONE = "gone"; // in the place of the mark of a job that was deleted

const active = (mark) => ["queued", "running"].includes(mark.split(" ")[0]);
const due = (mark, shown) => (!active(mark) ? 0 : mark === shown.mark ? shown.redraw : shown.pace);

const watched = new WeakMap(); // place on the page → what is shown there

// Milliseconds until there may be something to tell, if the job does not end before.
const rest = ({ data: shown, at, told, again }) => {
  const now = performance.now();
  if (told > -Infinity) return again - (now - told);
  return (shown.until === "end" && now - at < shown.pace ? shown.pace : shown.redraw) - (now - at);
};

const ask = async (drawn, asking) => {
  const { address, mark, until } = drawn.data;
  const wait = Math.round(Math.min(Math.max(rest(drawn), 0), LONGEST));
  const lost = setTimeout(() => asking.abort(), LOST);
  try {
    const question = new URLSearchParams({ known: mark, until, wait });
    const answer = await fetch(`${address}?${question}`, { cache: "no-store", signal: asking.signal });
    return answer.ok ? await answer.text() : answer.status === 404 ? GONE : null;
  } catch {
    return null; // the server is away: the page says so itself
  } finally {
    clearTimeout(lost);
  }
};

export default function ({ data, parentElement, setTriggerValue }) {
  const known = watched.get(parentElement);
  const drawn = { data, at: performance.now(), told: -Infinity, again: 0, setTriggerValue };
  if (known) {
    const { data: before } = known.drawn;
    if (before.drawing === data.drawing) {
      known.drawn.setTriggerValue = setTriggerValue;
    } else {
      known.drawn = drawn;
      if (before.address !== data.address || before.until !== data.until) known.asking?.abort();
    }
    return known.stop;
  }
  const stop = () => (clearTimeout(self.timer), self.asking?.abort(), watched.delete(parentElement));
  const self = { drawn, timer: 0, asking: null, stop };
  let pause = ASK;
  const look = async () => {
    self.asking = new AbortController();
    const mark = await ask(self.drawn, self.asking);
    if (watched.get(parentElement) !== self) return;
    const now = performance.now();
    const { data: shown, at, told, again } = self.drawn;
    const early = mark === null ? 0 : due(mark, shown) - (now - at);
    if (mark !== null && early <= 0 && now - told > again) {
      self.drawn.told = now;
      self.drawn.again = Math.min(Math.max(2 * again, AGAIN), AGAIN_SELDOM);
      self.drawn.setTriggerValue("news", mark);
    }
    const heard = mark !== null && self.drawn.told === -Infinity; // nothing to tell yet: the next question waits itself
    pause = heard ? ASK : Math.min(pause * 1.1, ASK_SELDOM);
    self.timer = setTimeout(look, heard && mark !== shown.mark ? Math.max(early, pause) : pause);
  };
  watched.set(parentElement, self);
  self.timer = setTimeout(look, ASK);
  return self.stop;
}
