// The frame's side of the conversation with the page around it. docs/embedding.md describes the messages.
// Nobody is heard but the window around the frame, and only from the origin that the address names as `host`.

const PROTOCOL = 1;
/** Longest text that is handed on; the reader of manifests refuses one of this length with a diagnostic. */
const LONGEST = 1_100_000;
let origin = null;
let said = 0;

/** Begins to listen; whether there is a page to talk with. `heard` takes what is asked, and its words. */
export function embedOpen(heard) {
  const wanted = new URLSearchParams(location.search).get('host');
  if (window.parent === window || !isOrigin(wanted)) return false;
  origin = wanted;
  addEventListener('message', (event) => {
    if (event.source === window.parent && event.origin === origin) hear(event.data, heard);
  });
  const page = document.querySelector('.page');
  if (page && document.documentElement.dataset.embed === 'fit') {
    const measure = () => {
      const height = Math.ceil(page.getBoundingClientRect().height) + 2;
      if (height !== said) say({ type: 'resize', height });
      said = height;
    };
    new ResizeObserver(measure).observe(page);
  }
  ready();
  return true;
}

function ready() {
  said = 0;
  say({ type: 'ready' });
}

function isOrigin(text) {
  try {
    return text === 'null' || new URL(text).origin === text;
  } catch {
    return false;
  }
}

function say(message) {
  // An opaque origin cannot be named; the window itself is the address.
  window.parent.postMessage({ podplay: PROTOCOL, ...message }, origin === 'null' ? '*' : origin);
}

/** What is asked, in an order that makes sense; anything of another shape is dropped. */
function hear(message, heard) {
  if (typeof message !== 'object' || message === null || message.podplay !== PROTOCOL) return;
  const { type, text, at, speed, play, lang, theme } = message;
  const tell = (name, words = '') => heard(name, words);
  const number = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
  const moment = () => {
    if (typeof at === 'string' && at.length < 40) tell('at', at);
    if (number(at)) tell('at', at.toFixed(3));
  };
  switch (type) {
    case 'hello': ready(); break;
    case 'start':
      if (typeof text === 'string') tell('text', text.slice(0, LONGEST));
      if (number(speed)) tell('speed', speed.toFixed(2));
      tell('pause');
      moment();
      if (play === true) tell('play');
      break;
    case 'play': tell('play'); break;
    case 'pause': tell('pause'); break;
    case 'seek': moment(); break;
    case 'setText': if (typeof text === 'string') tell('text', text.slice(0, LONGEST)); break;
    case 'set':
      if (typeof lang === 'string') tell('lang', lang.slice(0, 20));
      if (theme === 'light' || theme === 'dark') tell('theme', theme);
      break;
    default:
  }
}

export const embedTime = (time, end, playing) => say({ type: 'time', time, end, playing });
export const embedRecord = (time, text, pod, container) => say({ type: 'record', time, text, pod: pod ?? null, container: container ?? null });
export const embedText = (text) => say({ type: 'text', text });
