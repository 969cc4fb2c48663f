package sample

import (
	"bytes"
	"fmt"
	"strings"
)

// PDF is an A4 document of so many pages, titled "A sample of N pages". Each page has a coloured band and
// the line "Page I of N", and the text is text, not a picture.
func PDF(pages int) []byte {
	var contents []string
	for i := range pages {
		contents = append(contents, fmt.Sprintf(
			"%.2f 0.45 0.42 rg 60 700 475 8 re f 0 g BT /F1 36 Tf 60 730 Td (Page %d of %d) Tj ET "+
				"BT /F1 14 Tf 60 660 Td 20 TL (The quick brown fox jumps over the lazy dog.) Tj T* (Word%d stands on this page only.) Tj ET",
			0.1+0.8*float64(i)/float64(max(pages, 2)-1), i+1, pages, i+1))
	}
	return PDFOf(fmt.Sprintf("A sample of %d pages", pages), "0 0 595 842", contents...)
}

// PDFOf is a document of one page for each content stream, all of the given media box. A stream may use
// the font /F1, which is Helvetica.
func PDFOf(title, box string, contents ...string) []byte {
	const firstPage = 5 // after catalogue, page tree, font and information
	var kids strings.Builder
	for i := range contents {
		fmt.Fprintf(&kids, "%d 0 R ", firstPage+2*i)
	}
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		fmt.Sprintf("<< /Type /Pages /Count %d /Kids [ %s] /MediaBox [%s] /Resources << /Font << /F1 3 0 R >> >> >>", len(contents), kids.String(), box),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		"<< /Title (" + title + ") /Author (Vitrine) >>",
	}
	for i, content := range contents {
		objects = append(objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /Contents %d 0 R >>", firstPage+2*i+1),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content))
	}
	return pdfFile(objects, "/Root 1 0 R /Info 4 0 R")
}

// pdfFile numbers the objects from 1 and writes the table of where they are.
func pdfFile(objects []string, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	var table strings.Builder
	for i, object := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, table.String(), len(objects)+1, trailer, at)
	return b.Bytes()
}
