"""Reads every report back with a parser of its format."""
import csv
import html.parser
import json
import xml.etree.ElementTree as ET
import zipfile

NS = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'


def rows(book, part):
    out = []
    for row in ET.fromstring(book.read(part)).iter(NS + 'row'):
        out.append([''.join(cell.itertext()) for cell in row])
        assert not list(row.iter(NS + 'f')), 'a formula'
    return out


with zipfile.ZipFile('out/r.xlsx') as book:
    names = [s.get('name') for s in ET.fromstring(book.read('xl/workbook.xml')).iter(NS + 'sheet')]
    print('sheets', ', '.join(names))
    issues = rows(book, 'xl/worksheets/sheet4.xml')
    print('xlsx issue', ' | '.join(issues[1]))
    print('xlsx escape', issues[2][7])
    sheet = ET.fromstring(book.read('xl/worksheets/sheet4.xml'))
    print('filter', sheet.find(NS + 'autoFilter').get('ref'), 'frozen', sheet.find('.//' + NS + 'pane').get('ySplit'))
    rules = rows(book, 'xl/worksheets/sheet5.xml')
    print('xlsx rule', ' | '.join(rules[2]))

report = json.load(open('out/r.json'))
print('json', list(report))
print('json truth', [(line['text'], line['truth']) for line in report['issue_details'][0]['explanation']])

suite = ET.parse('out/r.xml').getroot().find('testsuite')
print('junit', suite.get('tests'), suite.get('failures'), suite.get('skipped'))

run = json.load(open('out/r.sarif'))['runs'][0]
print('sarif', len(run['results']), run['results'][0]['locations'][0]['logicalLocations'][0]['fullyQualifiedName'])
print('csv', list(csv.reader(open('out/r.csv')))[1][7])


class Page(html.parser.HTMLParser):
    """Elements that load something, and the bold text that a value tries to add."""
    def __init__(self):
        super().__init__()
        self.bad = []

    def handle_starttag(self, tag, attrs):
        if tag in ('link', 'img', 'iframe', 'b') or any(name in ('src', 'href') for name, _ in attrs):
            self.bad.append(tag)


page = Page()
page.feed(open('out/r.html', encoding='utf-8').read())
print('html loads', page.bad)
