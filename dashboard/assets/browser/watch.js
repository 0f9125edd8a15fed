// Asks our own server how a job is, and has its part of the page drawn again: at once when its state is another one,
// `data.pace` milliseconds after the last drawing when it has got further, `data.redraw` milliseconds after it in any
// case. A page that did not hear (a cut line, a run that took its place) is told again.
const ASK = 150; // milliseconds between two questions at first; each later one waits a tenth longer, up to
const ASK_SELDOM = 1000;
const AGAIN = 2000; // milliseconds after which a page that was told and was not drawn again is told again

const due = (mark, shown) => {
  if (mark.split(" ")[0] !== shown.mark.split(" ")[0]) return 0;
  return mark === shown.mark ? shown.redraw : shown.pace;
};

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
  const self = { drawn, timer: 0, stop: () => (clearTimeout(self.timer), watched.delete(parentElement)) };
  let pause = ASK;
  const look = async () => {
    let mark = null;
    try {
      const answer = await fetch(self.drawn.data.address, { cache: "no-store" });
      mark = answer.ok ? await answer.text() : null;
    } catch {
      // the server is away: the page says so itself
    }
    if (!watched.has(parentElement)) return;
    const now = performance.now();
    const { data: shown, at, told } = self.drawn;
    if (mark !== null && now - at > due(mark, shown) && now - told > AGAIN) {
      self.drawn.told = now;
      self.drawn.setTriggerValue("news", mark);
    }
    pause = Math.min(pause * 1.1, ASK_SELDOM);
    self.timer = setTimeout(look, pause);
  };
  watched.set(parentElement, self);
  self.timer = setTimeout(look, ASK);
  return self.stop;
}
