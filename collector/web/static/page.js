/* What the pages have in common: building, numbers and times as they are read here, asking the API. No library,
 * no markup from strings: what a clerk wrote is text and nothing else. */
export const EN = document.documentElement.lang === 'en';
export const L = (vi, en) => EN ? en : vi;

const SVG = 'http://www.w3.org/2000/svg';

/* ---- building ---- */
const fill = (e, attributes, children) => {
  for (const [name, value] of Object.entries(attributes || {}))
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) e.setAttribute(name, value === true ? '' : value);
  e.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== false));
  return e;
};
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/* ---- numbers and times, as they are read here; money is exact whatever its size ---- */
export const grouped = value => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, EN ? ',' : '.');
export const short = money => { /* in tỷ (10⁹) with two decimals, half up */
  const hundredths = (money + 5000000n) / 10000000n;
  return grouped(hundredths / 100n) + (EN ? '.' : ',') + String(hundredths % 100n).padStart(2, '0');
};
export const BILLION = L('tỷ đồng', 'bn VND');
export const time = iso => {
  const d = new Date(iso);
  return iso && !isNaN(d) ? d.toLocaleString(EN ? 'en-GB' : 'vi-VN', {timeZone: 'Asia/Ho_Chi_Minh', day: '2-digit',
    month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit'}) : '';
};

/* ---- codes and their names ---- */
export const names = {}; /* dimension → code → name, filled once */
export const label = (dim, code) => (names[dim] || {})[code] || code || L('(không ghi)', '(none)');

/* ---- the API ---- */
export const me = {};
const answered = async r => {
  if (r.status === 401) { location.assign('/'); return null; }
  const got = await r.json();
  if (!r.ok) throw new Error(got.error);
  return got;
};
const headers = {'Accept-Language': EN ? 'en' : 'vi'};
export const ask = async path => answered(await fetch('/api/v1/' + path, {credentials: 'same-origin', headers}));
/* fields: [name, value]…; a name may come several times. */
export const act = async (path, fields) => answered(await fetch('/api/v1/' + path, {method: 'POST', credentials: 'same-origin',
  headers: Object.assign({'X-Form-Key': me.form_key || ''}, headers), body: new URLSearchParams(fields)}));
export const begin = async () => {
  const [who, called] = await Promise.all([ask('me'), ask('labels')]);
  Object.assign(me, who || {});
  Object.assign(names, called || {});
};
