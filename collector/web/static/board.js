/* The board: every figure from the stream of events, each a way down to its records. */
import {EN, L, h, s, grouped, short, BILLION, time, names, label, ask, begin} from '/static/page.js';
import {work, completeness} from '/static/work.js';

(() => {
  const main = document.getElementById('board');

  /* ---- what the stream says ---- */
  const cells = new Map(); /* grouping → (its dimensions as text → row) */
  let position = '', parked = 0, told = null, alive = false, year = '';

  const take = (data, whole) => {
    if (whole) cells.clear();
    for (const g of data.groupings) {
      const dims = g.by.split(',');
      if (!cells.has(g.by)) cells.set(g.by, new Map());
      const rows = cells.get(g.by);
      for (const row of g.rows) {
        const key = dims.map(d => row[d]).join('\x1f');
        const gone = Object.keys(row).every(k => dims.includes(k) || row[k] === null || String(row[k]) === '0');
        if (gone) rows.delete(key); else rows.set(key, row);
      }
    }
    position = data.position;
    parked = data.parked;
    told = new Date();
  };

  const sum = (grouping, of, all) => {
    const out = new Map();
    for (const row of (cells.get(grouping) || new Map()).values()) {
      if (year && !all && row.year !== year) continue;
      const key = of(row);
      const at = out.get(key) || {schemes: 0, support: 0n};
      at.schemes += Number(row.schemes);
      at.support += BigInt(row.support_vnd);
      out.set(key, at);
    }
    return out;
  };

  /* ---- pieces ---- */
  const where = pairs => pairs.filter(p => p[1] !== '').map(p => p.join('=')).join(',');
  const down = (pairs, text, title) => h('a', {href: '#records/' + encodeURIComponent(where(pairs)), title}, text);

  const table = (title, dim, data, order) => {
    const keys = [...data.keys()].filter(k => data.get(k).schemes || data.get(k).support).sort(order);
    let most = 1n;
    for (const k of keys) if (data.get(k).support > most) most = data.get(k).support;
    return h('section', {},
      h('h2', {}, title),
      keys.length === 0 ? h('p', {class: 'empty'}, L('Chưa có số liệu.', 'No figures yet.')) :
      h('table', {},
        h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, L('Tên', 'Name')), h('th', {scope: 'col', class: 'n'}, L('Đề án', 'Schemes')),
          h('th', {scope: 'col', class: 'n'}, L('Hỗ trợ, đồng', 'Support, VND')), h('th', {class: 'bar'}))),
        h('tbody', {}, keys.map(k => {
          const v = data.get(k), here = dim === 'year' ? [['year', k]] : [['year', year], [dim, k]];
          return h('tr', {},
            h('th', {scope: 'row'}, down(here, dim === 'year' ? k.replace('-', '–') : label(dim, k))),
            h('td', {class: 'n'}, grouped(v.schemes)), h('td', {class: 'n'}, grouped(v.support)),
            h('td', {class: 'bar'}, s('svg', {viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true'},
              s('rect', {width: Number(v.support * 1000n / most) / 10, height: 10}))));
        }))));
  };

  const columns = data => {
    const keys = [...data.keys()].filter(k => /^\d{4}$/.test(k)).sort();
    if (keys.length === 0) return null;
    const W = 64, H = 150;
    let most = 1n;
    for (const k of keys) if (data.get(k).support > most) most = data.get(k).support;
    return s('svg', {class: 'columns', viewBox: `0 0 ${W * keys.length} ${H + 44}`, role: 'img',
      'aria-label': L('Kinh phí hỗ trợ theo năm, tỷ đồng', 'Support by year, billion VND')},
      keys.map((k, i) => {
        const v = data.get(k), high = Number(v.support * BigInt(H) / most), x = i * W;
        return s('a', {href: '#records/' + encodeURIComponent('year=' + k), class: k === year ? 'chosen' : null},
          s('title', {}, `${k}: ${grouped(v.schemes)} ${L('đề án', 'schemes')}, ${grouped(v.support)} ${L('đồng', 'VND')}`),
          s('rect', {x: x + 8, y: 22 + H - high, width: W - 16, height: Math.max(high, 1)}),
          s('text', {x: x + W / 2, y: 16 + H - high, class: 'value'}, short(v.support)),
          s('text', {x: x + W / 2, y: H + 40}, k));
      }));
  };

  const choice = years => h('label', {class: 'choice'}, L('Năm', 'Year'), ' ',
    h('select', {id: 'year', onchange: e => { year = e.target.value; draw(); }},
      h('option', {value: ''}, L('tất cả', 'all')),
      years.map(y => h('option', {value: y, selected: y === year}, y.replace('-', '–')))));

  /* ---- the offices' PCs ---- */
  let agents = null;
  const agentsTable = () => agents === null ? null : h('section', {class: 'wide'},
    h('h2', {}, L('Máy của các đơn vị', 'The offices\' PCs')),
    agents.length === 0 ? h('p', {class: 'empty'}, L('Chưa có máy nào vào.', 'No PC has joined yet.')) :
    h('table', {},
      h('thead', {}, h('tr', {}, [L('Máy', 'PC'), L('Đơn vị', 'Office'), L('Tình trạng', 'State'), L('Liên lạc cuối', 'Last contact'),
        L('Còn chờ gửi', 'Waiting'), L('Chờ từ', 'Since'), L('Lỗi cuối', 'Last error')].map(t => h('th', {scope: 'col'}, t)))),
      h('tbody', {}, agents.map(a => h('tr', {},
        h('th', {scope: 'row'}, a.agent), h('td', {}, label('district', a.office)),
        h('td', {class: 'state ' + a.state}, STATES[a.state] || a.state), h('td', {}, time(a.last_contact)),
        h('td', {class: 'n'}, grouped(a.backlog === null ? '' : a.backlog)), h('td', {}, time(a.oldest_unsent)),
        h('td', {}, a.last_error || ''))))));
  const STATES = {online: L('đang kết nối', 'online'), stale: L('im lặng', 'silent'), draining: L('đang gửi', 'sending'),
    offline: L('không kết nối', 'offline'), enrolled: L('chưa kết nối lần nào', 'never connected'), revoked: L('đã thu hồi', 'revoked'), readmitted: L('vào lại, chờ xác nhận', 'readmitted'),
    forked: L('kho cũ hoặc bị chép, chờ xác nhận', 'forked'), cloned: L('hai máy dùng chung một kho, chờ xác nhận', 'cloned'),
    reinstalled: L('kho làm lại từ đầu, chờ xác nhận', 'reinstalled')};

  /* ---- downloads ---- */
  const downloads = years => {
    const spans = years.filter(y => /^\d{4}$/.test(y));
    const span = spans.length ? (year || `${spans[0]}-${spans[spans.length - 1]}`) : '';
    const link = (more, format) => h('a', {href: `/api/v1/report?years=${span}&format=${format}${more}`, download: true}, format);
    const kinds = [['&annex=all', L('Mọi phụ lục', 'All annexes')], ['&annex=budget', L('Kinh phí', 'Budget')],
      ['&annex=outcomes', L('Kết quả', 'Outcomes')], ['&annex=consulting', L('Tư vấn', 'Consulting')],
      ['&annex=documents', L('Văn bản', 'Documents')], ['&annex=staff', L('Nhân lực', 'Staff')]];
    return span && h('section', {class: 'wide'}, h('h2', {}, `${L('Tải về', 'Downloads')} ${span.replace('-', '–')}`),
      h('ul', {class: 'downloads'},
        kinds.map(([more, name]) => h('li', {}, name, ': ', ['xlsx', 'html', 'csv', 'json'].map(f => [link(more, f), ' ']))),
        h('li', {}, L('Lời báo cáo', 'Report text'), ': ', ['docx', 'odt', 'html'].map(f => [link('&narrative=1', f), ' ']))));
  };

  /* ---- the board ---- */
  const spansLast = (a, b) => a.length - b.length || (a < b ? -1 : 1);
  const byCode = (a, b) => a < b ? -1 : a > b ? 1 : 0;
  const byOrder = dim => { const all = Object.keys(names[dim] || {}); return (a, b) => all.indexOf(a) - all.indexOf(b); };
  let was = null;

  const drawBoard = () => {
    const years = sum('year,status', r => r.year, true), all = [...sum('year,status', () => '').values()][0] || {schemes: 0, support: 0n};
    const given = [...years.keys()].sort(spansLast), now = all.schemes + '/' + all.support;
    const count = h('b', {id: 'schemes'}, grouped(all.schemes));
    const changed = was !== null && was !== now;
    was = now;
    main.replaceChildren(
      h('div', {class: 'headline' + (changed ? ' changed' : ''), 'aria-live': 'polite'},
        h('p', {class: 'figure'}, year ? h('a', {href: '#records/' + encodeURIComponent('year=' + year)}, count) : count, ' ', L('đề án', 'schemes')),
        h('p', {class: 'figure'}, h('b', {id: 'support'}, short(all.support)), ' ', BILLION, h('small', {}, `${grouped(all.support)} ${L('đồng', 'VND')}`)),
        h('div', {class: 'side'}, choice(given), h('p', {class: alive ? 'live' : 'cut', role: 'status'},
          alive ? L('trực tiếp', 'live') : L('mất kết nối, đang nối lại…', 'connection lost, trying again…')),
          h('p', {class: 'small'}, told ? `${told.toLocaleTimeString(EN ? 'en-GB' : 'vi-VN', {timeZone: 'Asia/Ho_Chi_Minh'})} · ${L('vị trí', 'position')} ${position.split(':')[1] || ''}` : ''),
          parked > 0 && h('p', {class: 'small'}, L(`chưa kể ${parked} bên đang chờ giải quyết xung đột`, `${parked} parked sides of conflicts left out`)))),
      h('div', {class: 'grid'},
        h('section', {}, h('h2', {}, L('Kinh phí hỗ trợ theo năm, tỷ đồng', 'Support by year, billion VND')), columns(years),
          table(L('Theo năm', 'By year'), 'year', years, spansLast)),
        h('div', {},
          table(L('Theo nguồn', 'By source'), 'source', sum('year,item,source', r => r.source), byOrder('source')),
          table(L('Theo tình trạng', 'By status'), 'status', sum('year,status', r => r.status), byOrder('status'))),
        table(L('Theo nhóm hoạt động', 'By activity group'), 'category', sum('year,item,source', r => (names.category_of || {})[r.item] || ''), byOrder('category')),
        table(L('Theo đơn vị', 'By office'), 'district', sum('year,source,district', r => r.district), byCode),
        agentsTable(), downloads(given)));
  };

  /* ---- down to the records ---- */
  const NAMES = {code: L('Mã', 'Code'), office: L('Đơn vị', 'Office'), revision: L('Lần sửa', 'Revision'), person: L('Người ghi', 'Person'),
    received_at: L('Nhận lúc', 'Received'), schemes: L('Số đề án', 'Schemes'), support_vnd: L('Hỗ trợ, đồng', 'Support, VND'),
    position: L('Vị trí', 'Position'), verdict: L('Kết luận', 'Verdict'), agent: L('Máy', 'PC'), reason: L('Lý do', 'Reason'), value: L('Giá trị', 'Value'),
    state: L('Tình trạng', 'Status'), comment: L('Lời ghi', 'Comment'), year: L('Năm', 'Year'), source: L('Nguồn', 'Source'),
    category: L('Nhóm hoạt động', 'Activity group'), district: L('Đơn vị', 'Office'), status: L('Tình trạng', 'Status')};
  const VERDICTS = {accepted: L('đã nhận', 'accepted'), merged: L('đã gộp', 'merged'), parked: L('để riêng', 'parked'),
    refused: L('bị từ chối', 'refused'), settled: L('giải quyết xung đột', 'conflict settled'), alias: L('trùng một bản ghi khác', 'another record\'s double')};
  const asked = of => of.split(',').map(p => { const [dim, value] = p.split('=');
    return `${NAMES[dim] || dim}: ${names[dim] ? label(dim, value) : value}`; }).join(' · ');
  const cell = (name, value, row) => {
    if (name === 'code') return h('a', {href: '#record/' + encodeURIComponent(value)}, value);
    if (name === 'position') return String(value).split(':')[1];
    if (name === 'verdict') return VERDICTS[value] || value;
    if (name === 'state') return label('status', value);
    if (name === 'office') return label('district', value);
    if (/_at$|^at$|^received$/.test(name)) return time(value);
    return /_vnd$|^schemes$/.test(name) ? grouped(value) : value === null ? '' : String(value);
  };
  const listing = (title, rows) => main.replaceChildren(
    h('p', {}, h('a', {href: '#'}, L('← Bảng số liệu', '← Board'))), h('h1', {}, title),
    rows.length === 0 ? h('p', {class: 'empty'}, L('Không có bản ghi nào.', 'There are no records.')) :
    h('section', {class: 'wide'}, h('table', {},
      h('thead', {}, h('tr', {}, Object.keys(rows[0]).map(k => h('th', {scope: 'col', class: /_vnd$|^schemes$/.test(k) ? 'n' : null}, NAMES[k] || k)))),
      h('tbody', {}, rows.map(r => h('tr', {}, Object.keys(r).map(k => h('td', {class: /_vnd$|^schemes$/.test(k) ? 'n' : null}, cell(k, r[k], r)))))))));
  const wrong = e => main.replaceChildren(h('p', {}, h('a', {href: '#'}, L('← Bảng số liệu', '← Board'))),
    h('p', {class: 'wrong', role: 'alert'}, e.message));

  const show = async () => {
    const [page, ...rest] = location.hash.slice(1).split('/');
    const of = decodeURIComponent(rest.join('/'));
    document.body.dataset.page = page || 'board';
    for (const a of document.querySelectorAll('nav a[href^="/#"]'))
      a.toggleAttribute('aria-current', a.getAttribute('href') === '/#' + page);
    try {
      if (page === 'records') {
        const got = await ask('trace?where=' + encodeURIComponent(of));
        if (got && location.hash.slice(1).startsWith('records')) listing(asked(of), got.rows);
      } else if (page === 'record') {
        const got = await ask('history?record=' + encodeURIComponent(of));
        if (got && location.hash.slice(1).startsWith('record/')) listing(of, got.rows);
      } else if (page === 'work') {
        await work(main);
      } else if (page === 'completeness') {
        await completeness(main, of);
      } else {
        drawBoard();
      }
    } catch (e) {
      wrong(e);
    }
  };
  let drawing = false;
  const draw = () => {
    if (drawing || (document.body.dataset.page || 'board') !== 'board') return;
    drawing = true;
    requestAnimationFrame(() => { drawing = false; if ((document.body.dataset.page || 'board') === 'board') drawBoard(); });
  };

  /* ---- beginning ---- */
  const look = async () => {
    try {
      const got = document.hidden ? null : await ask('agents');
      if (got) { agents = got.rows; draw(); }
    } catch (e) { /* said by the stream's state; asked again soon */ }
    setTimeout(look, 10000);
  };
  const listen = () => {
    const events = new EventSource('/api/v1/events');
    events.addEventListener('snapshot', e => { alive = true; take(JSON.parse(e.data), true); draw(); });
    events.addEventListener('change', e => { alive = true; take(JSON.parse(e.data), false); draw(); });
    events.onopen = () => { alive = true; draw(); };
    events.onerror = () => {
      alive = false;
      draw();
      if (events.readyState === EventSource.CLOSED) { /* refused: logged out, or too many */
        events.close();
        setTimeout(async () => { try { if (await ask('me')) listen(); } catch (e) { setTimeout(listen, 5000); } }, 2000);
      }
    };
  };
  window.addEventListener('hashchange', show);
  begin().then(() => { listen(); look(); show(); }, wrong);
})();
