package sample

import (
	"archive/zip"
	"bytes"
)

// part is one file in an office document.
type part struct{ name, content string }

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// DOCX is a Word document: a title, a sentence, a table of two rows.
func DOCX() []byte {
	return ooxml("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
		part{"word/document.xml", xmlHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` +
			`<w:p><w:r><w:rPr><w:b/><w:sz w:val="56"/></w:rPr><w:t>Sample document</w:t></w:r></w:p>` +
			`<w:p><w:r><w:t>The quick brown fox jumps over the lazy dog. Съешь ещё этих мягких булок.</w:t></w:r></w:p>` +
			`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/></w:tblPr><w:tblGrid><w:gridCol w:w="4500"/><w:gridCol w:w="4500"/></w:tblGrid>` +
			`<w:tr>` + wordCell("Camera") + wordCell("Lens") + `</w:tr><w:tr>` + wordCell("One") + wordCell("Two") + `</w:tr></w:tbl>` +
			`<w:p/><w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="0" w:footer="0" w:gutter="0"/></w:sectPr>` +
			`</w:body></w:document>`})
}

func wordCell(text string) string {
	return `<w:tc><w:tcPr><w:tcW w:w="4500" w:type="dxa"/></w:tcPr><w:p><w:r><w:t>` + text + `</w:t></w:r></w:p></w:tc>`
}

// XLSX is a workbook of one sheet with two columns.
func XLSX() []byte {
	const relations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
	return ooxml("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
		part{"xl/workbook.xml", xmlHead + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
			`<sheets><sheet name="Sheet" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		part{"xl/_rels/workbook.xml.rels", xmlHead + relations},
		part{"xl/worksheets/sheet1.xml", xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols><col min="1" max="1" width="30" customWidth="1"/></cols><sheetData>` +
			`<row r="1"><c r="A1" t="inlineStr"><is><t>Sample workbook</t></is></c><c r="B1"><v>12</v></c></row>` +
			`<row r="2"><c r="A2" t="inlineStr"><is><t>Sum</t></is></c><c r="B2"><f>B1*2</f><v>24</v></c></row>` +
			`</sheetData></worksheet>`})
}

// ODT is an OpenDocument text of two paragraphs.
func ODT() []byte {
	return ODTOf(`<text:h text:outline-level="1">Sample text</text:h><text:p>The quick brown fox jumps over the lazy dog.</text:p>`)
}

// ODTOf is an OpenDocument text with the given elements, which may be of the namespaces text, draw, svg and
// xlink.
func ODTOf(elements string) []byte {
	return opendocument("application/vnd.oasis.opendocument.text", "<office:text>"+elements+"</office:text>")
}

// ODP is an OpenDocument presentation of two slides.
func ODP() []byte {
	slide := func(words string) string {
		return `<draw:page draw:name="` + words + `" draw:master-page-name="Default"><draw:frame svg:width="20cm" svg:height="4cm" svg:x="2cm" svg:y="2cm">` +
			`<draw:text-box><text:p>` + words + `</text:p></draw:text-box></draw:frame></draw:page>`
	}
	return opendocument("application/vnd.oasis.opendocument.presentation",
		`<office:presentation>`+slide("First slide")+slide("Second slide")+`</office:presentation>`)
}

// RTF is a rich text of one paragraph.
func RTF() []byte {
	return []byte(`{\rtf1\ansi\deff0{\fonttbl{\f0 DejaVu Sans;}}\f0\fs40 Sample rich text\par\fs24 The quick brown fox jumps over the lazy dog.\par}` + "\n")
}

// ooxml packs the parts of a Microsoft document around its main part.
func ooxml(main, mime string, parts ...part) []byte {
	types := `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/` + main + `" ContentType="` + mime + `"/>`
	if main == "xl/workbook.xml" {
		types += `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`
	}
	return pack(append([]part{
		{"[Content_Types].xml", xmlHead + types + `</Types>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="` + main + `"/></Relationships>`},
	}, parts...))
}

func opendocument(mime, body string) []byte {
	return pack([]part{
		{"mimetype", mime},
		{"content.xml", xmlHead + `<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"` +
			` xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2">` +
			`<office:body>` + body + `</office:body></office:document-content>`},
		{"META-INF/manifest.xml", xmlHead + `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">` +
			`<manifest:file-entry manifest:full-path="/" manifest:media-type="` + mime + `"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`},
	})
}

// pack stores the parts in the order given: the first is what tells the kind of file.
func pack(parts []part) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Store})
		if err == nil {
			_, err = w.Write([]byte(p.content))
		}
		if err != nil {
			panic(err) // a buffer takes all
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
