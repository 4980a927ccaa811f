/* Work to do: submissions to answer, conflicts to settle, flags to answer, invites; and who has submitted what. */
import {L, h, time, label, names, me, ask, act} from '/static/page.js';

const mayAct = () => me.role === 'officer' || me.role === 'admin';
const head = words => h('thead', {}, h('tr', {}, words.map(w => h('th', {scope: 'col'}, w))));

/* A form that acts: its fields, what it does on which button, and what is said then. */
const deed = (fields, buttons, done) => {
  const said = h('p', {class: 'said', role: 'status'});
  let chosen = null; /* the button that was pressed; Enter presses the first one */
  const form = h('form', {class: 'deed', onsubmit: async e => {
    e.preventDefault();
    const of = chosen || buttons[0];
    const values = Object.fromEntries(new FormData(form));
    for (const b of form.querySelectorAll('button')) b.disabled = true;
    said.className = 'said';
    said.textContent = L('đang gửi…', 'sending…');
    try {
      const got = await act(of.path, of.fields(values));
      if (got) done(got.answer, said);
    } catch (wrong) {
      said.className = 'said wrong';
      said.textContent = wrong.message;
    }
    for (const b of form.querySelectorAll('button')) b.disabled = false;
  }}, fields, buttons.map(b => h('button', {onclick: () => { chosen = b; }, class: b.second ? 'second' : null}, b.words)), said);
  return form;
};
const text = (name, words, required) => h('label', {}, words, ' ', h('input', {name, required, maxlength: 900}));

/* ---- sections ---- */
const submissions = (rows, again) => rows.map(r => h('li', {},
  h('p', {}, h('b', {}, `${label('district', r.office)} · ${TABLES[r.table] || r.table} · ${r.period}`), ' ',
    r.nil === 'yes' || r.nil === true ? L('(không phát sinh)', '(nil)') : '', ' ', r.person, ', ', time(r.received)),
  mayAct() && deed([text('comment', L('Lời nhắn', 'Comment'))], [
    {path: 'submissions/accept', words: L('Chấp nhận', 'Accept'),
      fields: v => [['submission', r.submission], ['comment', v.comment]]},
    {path: 'submissions/return', words: L('Trả lại để sửa', 'Return'), second: true,
      fields: v => [['submission', r.submission], ['comment', v.comment]]}], again)));

const conflicts = (rows, again) => {
  const records = new Map();
  for (const r of rows) records.set(r.code, [...(records.get(r.code) || []), r]);
  return [...records].map(([code, fields]) => h('li', {},
    h('p', {}, h('a', {href: '#record/' + encodeURIComponent(code)}, h('b', {}, code))),
    h('table', {}, head([L('Cột', 'Field'), L('Đang đứng', 'Current'), L('Đang chờ', 'Parked'), L('Người ghi', 'Person'), L('Từ', 'Since')]),
      h('tbody', {}, fields.map(f => h('tr', {}, h('th', {scope: 'row'}, f.field), h('td', {}, f.current), h('td', {}, f.parked),
        h('td', {}, f.person), h('td', {}, time(f.since)))))),
    mayAct() && deed([text('reason', L('Vì sao', 'Why'), true)], [
      {path: 'conflicts/resolve', words: L('Giữ bên đang đứng', 'Keep the current side'),
        fields: v => [['record', code], ['choice', 'current'], ['reason', v.reason]]},
      {path: 'conflicts/resolve', words: L('Lấy bên đang chờ', 'Take the parked side'), second: true,
        fields: v => [['record', code], ['choice', 'parked'], ['reason', v.reason]]}], again)));
};

const flags = (rows, again) => rows.map(r => h('li', {},
  h('p', {}, h('b', {}, r.words), ' ', label('district', r.office), ' · ', String(r.codes), ' · ', time(r.since)),
  mayAct() && deed([text('reason', L('Vì sao vẫn đúng', 'Why it is right'), true)], [
    {path: 'flags/answer', words: L('Trả lời', 'Answer'), fields: v => [['flag', r.flag], ['reason', v.reason]]}], again)));

const invites = (rows, again) => {
  const offices = Object.keys(names.district || {});
  return [
    h('li', {}, deed([
      h('label', {}, L('Đơn vị', 'Office'), ' ', h('select', {name: 'office'}, offices.map(o => h('option', {value: o}, label('district', o))))),
      h('label', {}, L('Vai trò', 'Role'), ' ', h('select', {name: 'role'}, ['office', 'province', 'viewer'].map(r => h('option', {value: r}, r))))],
    [{path: 'invites', words: L('Cấp giấy mời', 'Issue an invite'), fields: v => [['office', v.office], ['role', v.role]]}],
    (answer, said) => said.replaceChildren(L('Giấy mời, chỉ hiện một lần; chép và đưa cho đơn vị:', 'The invite, shown this once; copy it for the office:'),
      h('textarea', {readonly: true, rows: 5, 'aria-label': L('Giấy mời', 'Invite'), onfocus: e => e.target.select()}, answer.trim())))),
    rows.filter(r => r.state === 'open').map(r => h('li', {},
      h('p', {}, label('district', r.office), ' · ', r.role, ' · ', L('hết hạn ', 'expires '), time(r.expires)),
      deed([], [{path: 'invites/cancel', words: L('Hủy', 'Cancel'), second: true, fields: () => [['id', r.id]]}], again)))];
};

export const work = async main => {
  const again = () => work(main);
  const [sent, clashing, doubted, invited] = await Promise.all([ask('submissions'), ask('conflicts'), ask('flags?open=1'),
    mayAct() ? ask('invites') : {rows: []}]);
  if (!sent || !clashing || !doubted || !invited || !location.hash.startsWith('#work')) return;
  const waiting = sent.rows.filter(r => r.state === 'waiting');
  const section = (title, n, items, none) => h('section', {class: 'wide'}, h('h2', {}, title, n === null ? '' : ` (${n})`),
    items.length ? h('ul', {class: 'work'}, items) : h('p', {class: 'empty'}, none));
  main.replaceChildren(h('h1', {}, L('Việc cần làm', 'Work to do')), h('div', {class: 'grid'},
    section(L('Báo cáo chờ trả lời', 'Submissions to answer'), waiting.length, submissions(waiting, again), L('Không có báo cáo nào chờ.', 'None waits.')),
    section(L('Xung đột chờ giải quyết', 'Conflicts to settle'), new Set(clashing.rows.map(r => r.code)).size, conflicts(clashing.rows, again), L('Không có xung đột.', 'There are none.')),
    section(L('Số liệu đáng ngờ', 'Figures in doubt'), doubted.rows.length, flags(doubted.rows, again), L('Không có cảnh báo nào chờ trả lời.', 'No flag is open.')),
    mayAct() && section(L('Giấy mời', 'Invites'), null, invites(invited.rows, again), '')));
};

/* ---- who has submitted what ---- */
const STATES = {missing: L('chưa có', 'missing'), partial: L('có số liệu, chưa nộp', 'figures in it, not submitted'),
  returned: L('đã trả lại, chờ nộp lại', 'returned, to be submitted again'), late: L('nộp muộn', 'late'), on_time: L('đúng hạn', 'on time'),
  empty: L('báo không phát sinh', 'declared nil'), accepted: L('đã chấp nhận', 'accepted')};
const TABLES = {budget: L('Kinh phí', 'Budget'), outcomes: L('Kết quả', 'Outcomes'), consulting: L('Tư vấn', 'Consulting'),
  documents: L('Văn bản', 'Documents'), staff: L('Nhân lực', 'Staff')};

export const completeness = async (main, given) => {
  const period = given || String(new Date().getFullYear() - 1);
  const got = await ask('completeness?period=' + encodeURIComponent(period));
  if (!got || !location.hash.startsWith('#completeness')) return;
  const tables = [...new Set(got.rows.map(r => r.table))], offices = [...new Set(got.rows.map(r => r.office))];
  const of = new Map(got.rows.map(r => [r.office + '/' + r.table, r]));
  main.replaceChildren(h('h1', {}, L('Tình hình nộp', 'Completeness')),
    h('form', {class: 'deed', onsubmit: e => { e.preventDefault(); location.hash = 'completeness/' + encodeURIComponent(e.target.period.value.trim()); }},
      h('label', {}, L('Kỳ (2020, 2020-H1, 2020-Q2, 2020-03)', 'Period (2020, 2020-H1, 2020-Q2, 2020-03)'), ' ', h('input', {name: 'period', value: period, size: 10, required: true})),
      h('button', {}, L('Xem', 'Show'))),
    h('section', {}, offices.length === 0 ? h('p', {class: 'empty'}, L('Kỳ này không có biểu nào phải nộp.', 'No table is due for this period.')) :
      h('table', {}, head([L('Đơn vị', 'Office'), ...tables.map(t => TABLES[t] || t)]),
        h('tbody', {}, offices.map(o => h('tr', {}, h('th', {scope: 'row'}, label('district', o)), tables.map(t => {
          const r = of.get(o + '/' + t);
          return h('td', {class: r ? 'is-' + r.state : null, title: r && r.received ? time(r.received) : null}, r ? STATES[r.state] || r.state : '');
        })))))));
};
