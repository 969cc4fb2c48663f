package media

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"vitrine/internal/dam"
)

// ErrNoOffice is in the chain of errors about office files on a server without LibreOffice: they get a
// type card and nothing is wrong with them. The *dam.Error above it has kind Unavailable.
var ErrNoOffice = errors.New("LibreOffice is not installed")

const unreadableOffice = "This document can't be read: it is damaged, locked with a password, or of another kind than it looks."

// officeFormat is how an office file is converted: the extension it is shown with, the one filter LibreOffice
// may read it by, whatever its bytes look like, and the part of LibreOffice that makes the PDF.
type officeFormat struct{ ext, filter, part string }

var officeFormats = map[string]officeFormat{
	docx:                            {"docx", "MS Word 2007 XML", "writer"},
	xlsx:                            {"xlsx", "Calc MS Excel 2007 XML", "calc"},
	pptx:                            {"pptx", "Impress MS PowerPoint 2007 XML", "impress"},
	"application/msword":            {"doc", "MS Word 97", "writer"},
	"application/vnd.ms-excel":      {"xls", "MS Excel 97", "calc"},
	"application/vnd.ms-powerpoint": {"ppt", "MS PowerPoint 97", "impress"},
	"text/rtf":                      {"rtf", "Rich Text Format", "writer"},
	"application/vnd.oasis.opendocument.text":         {"odt", "writer8", "writer"},
	"application/vnd.oasis.opendocument.spreadsheet":  {"ods", "calc8", "calc"},
	"application/vnd.oasis.opendocument.presentation": {"odp", "impress8", "impress"},
}

const (
	officeWork  = 45 * time.Second // of the processor
	officeWall  = 90 * time.Second
	officeLimit = 256 << 20 // bytes of the PDF
	// startAgain is how LibreOffice ends when it has made itself a new profile.
	startAgain = 81
)

// Document gives the PDF to show a document by: the file itself, or what LibreOffice makes of the first
// dam.MaxPages pages of an office file, one file at a time. cleanup is never nil and must be called when the PDF
// is not needed any more. Errors: ErrNoOffice (dam kind Unavailable), ErrRefused (Invalid: no document,
// unreadable or endless), ErrCrashed, Unavailable after Close, the context's own.
func (t *Tools) Document(ctx context.Context, path, mime string) (pdf string, cleanup func(), err error) {
	nothing := func() {}
	if mime == "application/pdf" {
		return path, nothing, nil
	}
	format, known := officeFormats[mime]
	if !known {
		return "", nothing, fmt.Errorf("convert document: %w", refusal(unreadableOffice, nil))
	}
	program, err := findOffice()
	if err != nil {
		return "", nothing, fmt.Errorf("convert document: %w", err)
	}
	select {
	case t.office <- struct{}{}:
		defer func() { <-t.office }()
	case <-ctx.Done():
		return "", nothing, context.Cause(ctx)
	case <-t.ctx.Done():
		return "", nothing, errStopping
	}
	out, err := os.MkdirTemp(t.opts.Scratch, "office-")
	if err != nil {
		return "", nothing, fmt.Errorf("convert document: %w", err)
	}
	cleanup = func() { os.RemoveAll(out) }
	pdf, err = t.convert(ctx, program, path, format, out)
	if err != nil {
		cleanup()
		return "", nothing, fmt.Errorf("convert document: %w", err)
	}
	return pdf, cleanup, nil
}

// findOffice names LibreOffice's own program: the one in PATH is a script that starts others.
func findOffice() (string, error) {
	for _, name := range []string{"soffice", "libreoffice"} {
		found, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if found, err = filepath.EvalSymlinks(found); err != nil {
			continue
		}
		program := filepath.Join(filepath.Dir(found), "soffice.bin")
		if _, err := os.Stat(program); err == nil {
			return program, nil
		}
	}
	return "", &dam.Error{
		Kind: dam.Unavailable, Err: ErrNoOffice,
		Msg: "Documents of this kind are shown only where LibreOffice is installed.",
	}
}

// convert runs LibreOffice with a profile of its own in out, which nothing else is ever kept in.
func (t *Tools) convert(ctx context.Context, program, path string, format officeFormat, out string) (string, error) {
	for _, dir := range []string{"tmp", "profile/user"} {
		if err := os.MkdirAll(filepath.Join(out, dir), 0o700); err != nil {
			return "", err
		}
	}
	settings := filepath.Join(out, "profile/user/registrymodifications.xcu")
	if err := os.WriteFile(settings, []byte(officeSettings), 0o600); err != nil {
		return "", err
	}
	run := toolRun{
		Program: program, Input: path, Ext: format.ext, Out: out, OutLimit: officeLimit, CPU: officeWork, Wall: officeWall, Sockets: true,
		Read: []string{filepath.Dir(filepath.Dir(program)), "/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice"},
		Args: func(in, out string) []string {
			return []string{
				"-env:UserInstallation=file://" + filepath.Join(out, "profile"),
				"--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard",
				"--infilter=" + format.filter,
				"--convert-to", "pdf:" + format.part + `_pdf_Export:{"PageRange":{"type":"string","value":"1-` + strconv.Itoa(dam.MaxPages) + `"}}`,
				"--outdir", out, in,
			}
		},
	}
	absolute, err := filepath.Abs(out)
	if err != nil {
		return "", err
	}
	run.Env = []string{"HOME=" + absolute, "TMPDIR=" + filepath.Join(absolute, "tmp")}
	said, err := t.run(ctx, run)
	if code, itself := exitedWith(err); itself && code == startAgain {
		said, err = t.run(ctx, run)
	}
	if tookTooMuch(err, officeWork) {
		return "", refusal(slowDocument, err)
	}
	if _, itself := exitedWith(err); err != nil && !itself {
		return "", err
	}
	pdf, _, missing := made(out, "input.pdf")
	if missing != nil {
		return "", refusal(unreadableOffice, errors.Join(err, missing, errors.New(string(said))))
	}
	return pdf, nil
}

// officeSettings: no macro runs, and nothing a document links to is fetched.
const officeSettings = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
</oor:items>
`
