"""Texts as offices have them: files in encodings of before Unicode, letters of old fonts, Vietnamese headers and values,
searching without accents, Vietnamese order; and an import taken back."""
import os
import unicodedata

import kc
import test_upgrade

# The encodings once more, from their own descriptions, so that ours are held against something else.
TCVN3 = dict(zip('ĂÂÊÔƠƯĐăâêôơưđ', range(0xA1, 0xAF)))
TCVN3.update({c: 0xB5 + i for i, c in enumerate('àảãáạ')})
TCVN3.update({c: 0xBB + i for i, c in enumerate('ằẳẵắ')})
TCVN3.update({c: 0xC6 + i for i, c in enumerate('ặầẩẫấậè')})
TCVN3.update({c: 0xCE + i for i, c in enumerate('ẻẽéẹềểễếệìỉ')})
TCVN3.update({c: 0xDC + i for i, c in enumerate('ĩíịò')})
TCVN3.update({c: 0xE1 + i for i, c in enumerate('ỏõóọồổỗốộờởỡớợù')})
TCVN3.update({c: 0xF1 + i for i, c in enumerate('ủũúụừửữứựỳỷỹýỵ')})
VISCII = {c: 0x80 + i for i, c in enumerate(
    'ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ')}
VISCII.update({'Ẳ': 0x02, 'Ẵ': 0x05, 'Ẫ': 0x06, 'Ỷ': 0x14, 'Ỹ': 0x19, 'Ỵ': 0x1E})
TONES = '\u0301\u0300\u0309\u0303\u0323'
VNI_TONES = {None: (0xF9, 0xF8, 0xFB, 0xF5, 0xEF), '\u0302': (0xE1, 0xE0, 0xE5, 0xE3, 0xE4),
             '\u0306': (0xE9, 0xE8, 0xFA, 0xFC, 0xEB)}
VNI_ONE = {'đ': 0xF1, 'í': 0xED, 'ì': 0xEC, 'ỉ': 0xE6, 'ĩ': 0xF3, 'ị': 0xF2, 'ỵ': 0xEE}


def tcvn3(text):
    """As typed for the ABC fonts, whose capitals with tones are small letters in another font."""
    return bytes(ord(c) if ord(c) < 128 else TCVN3[c if c in TCVN3 else c.lower()] for c in text)


def viscii(text):
    return bytes(ord(c) if ord(c) < 128 else VISCII[c] for c in text)


def cp1258(text):
    """Letters as they are, tones as marks behind them."""
    out = bytearray()
    for c in text:
        parts = unicodedata.normalize('NFD', c)
        tone = [m for m in parts if m in TONES]
        letter = unicodedata.normalize('NFC', ''.join(p for p in parts if p not in TONES))
        out += (letter + ''.join(tone)).encode('cp1258')
    return bytes(out)


def vni(text):
    out = bytearray()
    for c in text:
        if ord(c) < 128:
            out.append(ord(c))
            continue
        small, less = c.lower(), 0x20 if c != c.lower() else 0
        if small in VNI_ONE:
            out.append(VNI_ONE[small] - less)
            continue
        parts = unicodedata.normalize('NFD', small)
        shape = next((m for m in parts if m in '\u0302\u0306\u031b'), None)
        tone = next((TONES.index(m) for m in parts if m in TONES), None)
        if shape == '\u031b':
            out.append((0xF4 if parts[0] == 'o' else 0xF6) - less)
            if tone is not None:
                out.append(VNI_TONES[None][tone] - less)
        else:
            out.append(ord(parts[0]) - less)
            alone = {'\u0302': 0xE2, '\u0306': 0xEA}
            out.append((VNI_TONES[shape][tone] if tone is not None else alone[shape]) - less)
    return bytes(out)


ENCODINGS = {'tcvn3': tcvn3, 'vni': vni, 'viscii': viscii, 'cp1258': cp1258}
HEAD = 'code,name,district,plan_year,item,status,province_vnd,implementer,note\n'
ROWS = ('KC-549-2019-901,Hỗ trợ ứng dụng máy móc sản xuất bún,549,2019,III.3,approved,5000000,Cơ sở Nguyễn Văn Bảy,\n'
        'KC-549-2019-902,"Đào tạo nghề, truyền nghề đan lát",549,2019,I.1,draft,,Hợp tác xã Đập Đá,Ghi chú\n')


def write(base, name, content):
    path = os.path.join(base, name)
    with open(path, 'wb') as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    return path


def read(path):
    with open(path, encoding='utf-8', newline='') as f:
        return f.read()


def joined(base, code='549', **kw):
    centre = kc.Centre(base).init().serve()
    return centre, kc.Office(base, code).join(centre.invite(code, **kw))


def convert(source, out, *more, **kw):
    return kc.run(kc.program('kc-agent'), 'convert', source, '-o', out, *more, **kw)


def legacy_files(base):
    """Refused with the encoding, a reading and the way out; converted, they import as if written today."""
    centre, office = joined(base)
    centre.process.stop()
    for name, encode in ENCODINGS.items():
        path = write(base, name + '.csv', encode(HEAD + ROWS))
        for lang, words in (('vi', 'kc-agent convert'), ('en', 'kc-agent convert')):
            p = office.do('import', path, '--lang', lang, want=3)
            for word in ('“Hỗ trợ ứng dụng máy móc sản xuất bún”', words, name if name != 'cp1258' else 'Windows-1258'):
                kc.check(word.lower() in p.stderr.lower(), '%s: no %s in %s' % (name, word, p.stderr))
        for more in ((), ('--from', name)):
            out = os.path.join(base, name + '.out.csv')
            convert(path, out, *more)
            kc.check(read(out) == HEAD + ROWS, '%s came back otherwise: %s' % (name, read(out)))
        convert(path, path, want=2)
        office.do('import', os.path.join(base, name + '.out.csv'))
    kc.check(len(office.csv('list')) == 2, 'the same rows four times are two records')
    # letters of a font in good UTF-8
    for name in ('tcvn3', 'vni'):
        font = ''.join(chr(b) if b < 0x80 else bytes([b]).decode('cp1252') for b in ENCODINGS[name](HEAD + ROWS))
        path = write(base, 'font.csv', font)
        p = office.do('import', path, '--lang', 'en', want=3)
        kc.check('line 2, column 2 (name)' in p.stderr and '“Hỗ trợ ứng dụng máy móc sản xuất bún”' in p.stderr, p.stderr)
        out = os.path.join(base, 'font.out.csv')
        convert(path, out)
        kc.check(read(out) == HEAD + ROWS, 'the font %s came back otherwise: %s' % (name, read(out)))
    good = write(base, 'good.csv', HEAD + ROWS)
    kc.check('Unicode' in convert(good, os.path.join(base, 'x'), want=3).stderr, 'good text is said to be so')
    kc.check(not os.path.exists(os.path.join(base, 'x')), 'nothing is written then')


def shipped_data(base):
    """No file of the offices is taken for anything but UTF-8, and each comes back from every encoding."""
    files = [p for code in kc.OFFICES for p in kc.Office(base, code).files(
        ('schemes', 'outcomes', 'supplementary', 'consulting', 'staff', 'documents'))]
    kc.check(len(files) > 60, 'files: %d' % len(files))
    out = os.path.join(base, 'out.csv')
    told = {name: 0 for name in ENCODINGS}
    for path in files:
        convert(path, out, want=3)
        text = read(path).replace('…', '...').replace('–', '-')
        if not any(ord(c) > 127 for c in text):
            continue
        for name, encode in ENCODINGS.items():
            source = write(base, name + '.csv', encode(text))
            found = convert(source, out, want={0, 3}).returncode == 0
            told[name] += found
            if not found:  # KCĐP alone: a person must say
                convert(source, out, '--from', name)
            same = str.lower if name == 'tcvn3' else str
            kc.check(same(read(out)) == same(text), '%s does not come back from %s' % (path, name))
    kc.check(min(told.values()) > 30, 'recognised: %s' % told)


TRICKY = ['TỔNG', 'TONG', '', 'Ð', 'Müller & Söhne', 'café à côté', '5 µm x 3 µm', '§ 3, ¶ 1', 'm², 30 °C ± 5', '中文', 'Đak Bah',
          'Phù Cát', 'Hoài Ân', 'São João', 'Cát Tài, Hoài Ân, Vân Canh', 'Số 15/QĐ-UBND', 'е', 'ôtô', '½', 'Ø50 × 3']


def good_texts(base):
    """UTF-8 of every sort is stored as it is."""
    centre, office = joined(base)
    centre.process.stop()
    rows = ''.join('T-%02d,"x %s",549,2019,III.3,draft,,,%s\n' % (i, t, '"%s"' % t if t else '') for i, t in enumerate(TRICKY))
    office.do('import', write(base, 'tricky.csv', HEAD + rows))
    got = {r['code']: r['note'] for r in kc.rows_of(office.do('export', 'scheme').stdout)}
    for i, t in enumerate(TRICKY):
        kc.check(got['T-%02d' % i] == t, '%r became %r' % (t, got['T-%02d' % i]))


# Headers and values as the catalogue calls them, and the same by code.
IN_WORDS = [
    ('scheme',
     'MÃ ĐỀ ÁN;Tên đề án; ma don vi ;Năm  kế hoạch;Nội dung chi;Trạng thái;Loại đề án;Kinh phí quốc gia;Kinh phí cấp tỉnh;'
     'Quyết toán quốc gia;Quyết toán cấp tỉnh;Đơn vị thực hiện\n'
     'V-1;Máy;Thị xã An Nhơn;2019;Hỗ trợ ứng dụng máy móc, thiết bị tiên tiến;Đã quyết toán;Đề án điểm;7;5;7;4;Hợp tác xã\n'
     'V-2;Nghề;TX. An Nhơn;2020;I.1 - Hỗ trợ đào tạo nghề, truyền nghề cho lao động;đang thực hiện;đề án nhóm;;5;;;\n',
     {'V-1': dict(district='549', item='III.3', status='settled', kind='key', national_vnd='7', province_vnd='5',
                  settled_national_vnd='7', settled_province_vnd='4', implementer='Hợp tác xã'),
      'V-2': dict(district='549', item='I.1', status='running', kind='group', province_vnd='5')}),
    ('outcome',
     'Mã chỉ tiêu,Mã đơn vị,Năm,Nguồn kinh phí,Giá trị,Loại số liệu\n'
     'Số sản phẩm được bình chọn,Qui Nhơn,2020,Khuyến công địa phương,3,Ước thực hiện\n',
     {'IV.4.a': dict(district='540', fund='KCĐP', value='3', value_kind='estimate')}),
    ('consulting', 'Mã dự án tư vấn,Dịch vụ tư vấn,Năm,Doanh thu\nTV-1,Đánh giá tác động môi trường,2019,5\n',
     {'TV-1': dict(service='5.2', revenue_vnd='5')}),
    ('staff', 'Mã chỉ tiêu,Năm,Số lượng\n"Đại học, cao đẳng",2019,7\n', {'2.b': dict(value='7')}),
    ('document', 'Số thứ tự,Tên văn bản,Tình hình\n1,Quyết định,Đã ban hành\n', {'1': dict(status='issued')}),
]


def in_vietnamese(base):
    centre, office = joined(base, '52', role='province')
    centre.process.stop()
    for kind, text, wanted in IN_WORDS:
        p = office.do('import', write(base, kind + '.csv', text), '--format', 'csv')
        kc.check(kc.rows_of(p.stdout)[0]['kind'] == kind, '%s: %s' % (kind, p.stdout))
        rows = kc.rows_of(office.do('export', kind).stdout)
        kc.check(len(rows) == len(wanted), '%s: %s' % (kind, rows))
        for row in rows:
            key = next(iter(row.values()))
            for column, value in wanted[key].items():
                kc.check(row[column] == value, '%s %s: %s is %r' % (kind, key, column, row[column]))
    # what may be two is refused with both, what is none with what is nearest; nothing is stored
    head = 'indicator,district,year,fund,value\n'
    for value, words in (('Số lượt người', ('VIII.2.b', 'VIII.3.b')), ('Sản phẩm được bình chọn', ('IV.4.a',)), ('xyz', ('xyz',))):
        p = office.do('import', write(base, 'bad.csv', head + value + ',540,2020,KCĐP,3\n'), want=3)
        for word in words:
            kc.check(word in p.stderr, 'no %s in %s' % (word, p.stderr))
    kc.check(len(office.csv('list', 'outcome')) == 1, 'a refused label was stored')
    office.do('set', 'V-2', 'status=Đã nghiệm thu')
    kc.check(kc.rows_of(office.do('show', 'V-2', '--format', 'csv').stdout) != [], 'show')
    kc.check(office.csv('list', '--where', 'status=accepted')[0]['code'] == 'V-2', 'set takes labels too')


def search_and_order(base):
    centre, office = joined(base)
    centre.process.stop()
    names = ['An Lão', 'Ăn mặc', 'Ân Hảo', 'Dệt chiếu', 'Đập Đá', 'Đèn', 'Nguyễn Huệ', 'Ông', 'Ở', 'Vân Canh']
    rows = ''.join('S-%d,%s,549,2019,III.3,draft,,,\n' % ((i * 3) % 10, n) for i, n in enumerate(names))
    office.do('import', write(base, 'names.csv', HEAD + rows))
    for text, name in (('nguyen', 'Nguyễn Huệ'), ('DAP DA', 'Đập Đá'), ('an mac', 'Ăn mặc')):
        found = [r['name'] for r in office.csv('list', '--search', text)]
        kc.check(found == [name], '%s finds %s' % (text, found))
    kc.check([r['code'] for r in office.csv('list')] == sorted('S-%d' % i for i in range(10)), 'csv stands by code')
    kc.check([r['name'] for r in office.csv('list', '--sort', 'name')] == names, 'csv by name')
    table = office.do('list').stdout
    places = [table.index(n) for n in names]
    kc.check(places == sorted(places), 'people read names in Vietnamese order: %s' % table)
    office.do('list', '--sort', 'foo', want=2)
    offices = centre.do('offices').stdout
    places = [offices.index(n) for n in ('Trung tâm', 'An Lão', 'An Nhơn', 'Hoài Ân', 'Hoài Nhơn', 'Phù Cát', 'Tây Sơn')]
    kc.check(places == sorted(places), 'offices: %s' % offices)
    codes = [r['code'] for r in centre.csv('offices')]
    kc.check(codes == sorted(codes), 'offices in csv: %s' % codes)


def taken_back(base):
    """Totals at the centre return to what they were before an import, whether it was sent or not."""
    centre, office = joined(base)

    def standing():
        office.do('sync', '--wait')
        return (office.do('export', 'scheme').stdout, centre.totals('year,item,source'), office.csv('totals', '--by', 'year,item'))

    path = write(base, 'dot 1.csv', HEAD + ROWS)
    kc.check('1' == kc.rows_of(office.do('import', path, '--format', 'csv', '--as', 'Lan').stdout)[0]['import'], 'number')
    before = standing()
    other = write(base, 'dot 2.csv', HEAD + ROWS.replace('5000000', '9000000').replace('draft,', 'approved,7').replace('Bảy', 'Tám')
                  + 'KC-549-2020-903,Ba,549,2020,III.3,approved,1000000,,\n')
    p = office.do('import', other, '--lang', 'en', '--as', 'Lan')
    kc.check('kc-agent undo DIR 2' in p.stdout, 'import says how to take it back: %s' % p.stdout)
    after = standing()
    kc.check(before != after, 'the second file changes something')
    kc.check(office.do('undo', '2', '--dry-run', '--format', 'csv').stdout
             == 'code,action,person,at,reason\nKC-549-2019-901,returned,,,\nKC-549-2019-902,returned,,,\nKC-549-2020-903,withdrawn,,,\n', 'dry run')
    kc.check(standing() == after, 'a dry run changed something')
    office.do('undo', '2', '--as', 'Hoa')
    kc.check(standing() == before, 'what was before is back, at the centre too')
    history = office.csv('history', 'KC-549-2019-901')
    kc.check(history[-1]['person'] == 'Hoa', 'history: %s' % history)
    kc.check('không có gì' in office.do('undo', '2', '--lang', 'vi').stdout, 'twice is nothing')
    imports = office.csv('imports')
    kc.check([(r['import'], r['file'], r['person'], r['created'], r['changed'], r['undoes'], r['undone_by']) for r in imports]
             == [('1', path, 'Lan', '2', '0', '', ''), ('2', other, 'Lan', '1', '2', '', '3'), ('3', other, 'Hoa', '0', '3', '2', '')],
             'imports: %s' % imports)
    office.do('undo', '3')
    kc.check(standing() == after, 'the taking back is taken back')
    # changed since: left alone and named, and the answer is no
    office.do('set', 'KC-549-2019-901', 'note=sửa tay', '--as', 'Minh')
    p = office.do('undo', '2', want=1)
    kc.check('KC-549-2019-901' in p.stdout and 'Minh' in p.stdout, p.stdout)
    left = [r for r in kc.rows_of(office.do('undo', '2', '--format', 'csv', want=1).stdout) if r['action'] == 'left']
    kc.check([(r['code'], r['person'], r['reason']) for r in left] == [('KC-549-2019-901', 'Minh', 'changed_since')], left)
    standing()
    centre.do('verify')
    for number, code in (('99', 3), ('0', 2), ('x', 2), ('-1', 2)):
        office.do('undo', number, want=code)


def old_store(base):
    """Imports of a program that knew no undo are taken back too."""
    _, offices = test_upgrade.unpack(base)
    office = offices['549']
    imports = office.csv('imports')
    kc.check(len(imports) > 2 and imports[0]['created'] != '0', 'imports: %s' % imports)
    before = office.do('export', 'outcome').stdout
    last = imports[-1]
    office.do('undo', last['import'])
    kc.check(office.do('export', 'outcome').stdout.count('\n') == 1, 'the outcomes of the last import are withdrawn')
    office.do('undo', office.csv('imports')[-1]['import'])
    kc.check(office.do('export', 'outcome').stdout == before, 'and come back')


def only_an_abbreviation(base):
    """Where the only word that is not ASCII is KCĐP, the catalogue tells the encoding, or that it is one of two alike."""
    centre, office = joined(base)
    text = 'indicator,district,year,fund,value,value_kind,scheme_code,period,note\nIII.3,549,2014,KCĐP,1,actual,,,\n'
    for name, letter, words in (('a.csv', b'\xa7', ('TCVN3',)), ('b.csv', b'\xd1', ('VNI',)),
                                ('c.csv', b'\xd0', ('VISCII', 'Windows-1258'))):
        path = os.path.join(base, name)
        with open(path, 'wb') as f:
            f.write(text.replace('Đ', '?').encode('ascii').replace(b'?', letter))
        p = office.do('import', path, want=3)
        kc.check(all(w in p.stderr for w in words) and 'KCĐP' in p.stderr and 'kc-agent convert "%s" -o "' % path in p.stderr,
                 '%s: %s' % (name, p.stderr))
        kc.check(sum(w in p.stderr for w in ('TCVN3', 'VNI', 'VISCII', 'Windows-1258')) == len(words), p.stderr)
        for more in ((), ('--from', {'a': 'tcvn3', 'b': 'vni', 'c': 'viscii'}[name[0]])):
            out = path + '.new'
            p = kc.run(kc.program('kc-agent'), 'convert', path, '-o', out, *more)
            kc.check('KCĐP' in p.stderr, 'no sample: %s' % p.stderr)
            kc.check(open(out, encoding='utf-8').read() == text, 'converted otherwise')
    with open(os.path.join(base, 'd.csv'), 'wb') as f:
        f.write(text.replace('Đ', '?').encode('ascii').replace(b'?', b'\xe7'))
    kc.run(kc.program('kc-agent'), 'convert', os.path.join(base, 'd.csv'), '-o', os.path.join(base, 'd.new'), want=3)
    centre.process.stop()


if __name__ == '__main__':
    kc.main([legacy_files, only_an_abbreviation, shipped_data, good_texts, in_vietnamese, search_and_order, taken_back, old_store])
