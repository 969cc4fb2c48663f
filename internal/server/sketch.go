package server

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/dam"
)

// sketch describes by hand what only a person can say about a route that moves bytes.
type sketch struct {
	*huma.Operation
	schemas huma.Registry
}

func textSchema(enum ...any) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Enum: enum} }

func (op sketch) fill(rt Route) {
	for part := range strings.SplitSeq(rt.Path(), "/") {
		if name := strings.Trim(part, "{}"); name != part {
			op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: textSchema()})
		}
	}
	switch rt.Method() + " " + strings.TrimPrefix(rt.Path(), apiPrefix) {
	case "GET /openapi.json":
		op.answers("200", "This description", "application/openapi+json")
	case "GET /events":
		op.answers("200", "Events named asset with {id, status, progress, work}, and named run with {id, state, total, done, failed}", "text/event-stream")
	case "GET /assets/{id}/versions/{name}":
		op.query("download", textSchema())
		op.bytes("image/jpeg", "image/webp", "image/avif", "image/png", "video/mp4", "video/webm", "audio/mp4", "application/octet-stream")
		op.answers("202", "Still being made; ask again after Retry-After", "application/problem+json")
	case "GET /assets/{id}/attachments/{attachment}":
		op.query("download", textSchema())
		op.bytes("application/octet-stream", "text/vtt")
	case "GET /links/{id}/qr":
		op.query("format", &huma.Schema{Type: huma.TypeString, Enum: []any{"png", "svg"}, Default: "png"})
		op.query("size", &huma.Schema{Type: huma.TypeInteger, Enum: []any{256, 512, 1024, 2048}, Default: 512})
		op.answers("200", "The picture", "image/png", "image/svg+xml")
	case "POST /assets":
		op.form([]string{"file"}, map[string]*huma.Schema{"file": fileSchema(), "title": textSchema(), "description": textSchema()})
		op.tells("201", "The new asset", assetType, "Asset")
	case "POST /assets/{id}/attachments":
		op.form([]string{"file"}, map[string]*huma.Schema{"file": fileSchema()})
		op.tells("201", "The supporting file", attachmentType, "Attachment")
	case "PUT /assets/{id}/original":
		op.form([]string{"file"}, map[string]*huma.Schema{"file": fileSchema()})
		op.tells("200", "The asset with its new original", assetType, "Asset")
	case "GET /settings/watermark/image":
		op.bytes("image/png")
	case "PUT /settings/watermark":
		op.form(nil, op.watermark())
		op.tells("200", "The watermark as it is now", watermarkType, "Watermark")
	case "POST /settings/watermark/preview":
		fields := op.watermark()
		fields["sample"] = textSchema("light", "dark", "portrait")
		op.form(nil, fields)
		op.answers("200", "A picture that bears the watermark", "image/jpeg")
	}
}

func (op sketch) query(name string, schema *huma.Schema) {
	op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: schema})
}

func (op sketch) answers(status, what string, types ...string) {
	content := map[string]*huma.MediaType{}
	for _, t := range types {
		content[t] = &huma.MediaType{Schema: textSchema()}
	}
	op.Responses[status] = &huma.Response{Description: what, Content: content}
}

func (op sketch) bytes(types ...string) {
	op.answers("200", "The bytes", types...)
	op.answers("206", "A part of the bytes", types...)
}

func (op sketch) tells(status, what string, t reflect.Type, name string) {
	op.Responses[status] = &huma.Response{
		Description: what,
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: op.schemas.Schema(t, true, name)},
		},
	}
}

func (op sketch) form(required []string, fields map[string]*huma.Schema) {
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Required: required, Properties: fields}},
	}}
}

func fileSchema() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }

// watermark is the fields that say how a watermark is laid.
func (op sketch) watermark() map[string]*huma.Schema {
	lowest, highest := 5.0, 100.0
	percent := &huma.Schema{Type: huma.TypeInteger, Minimum: &lowest, Maximum: &highest}
	places := textSchema()
	for _, place := range dam.Positions() {
		places.Enum = append(places.Enum, place)
	}
	return map[string]*huma.Schema{
		"image": fileSchema(), "position": places, "tiled": {Type: huma.TypeBoolean}, "size": percent, "opacity": percent,
	}
}
