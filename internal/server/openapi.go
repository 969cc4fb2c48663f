package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

const apiPrefix = "/api/v1"

// document is the OpenAPI description and the huma API that fills it while routes are mounted.
type document struct {
	api     huma.API
	adapter *adapter
	text    []byte
}

// adapter lets huma parse, validate and answer, but leaves the routes to our own list.
type adapter struct{ caught *catcher }

type catcher struct {
	op     *huma.Operation
	handle func(huma.Context)
}

func (a *adapter) Handle(op *huma.Operation, handle func(huma.Context)) {
	a.caught.op, a.caught.handle = op, handle
}

// ServeHTTP is part of huma's interface and never called: requests come through the list.
func (a *adapter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotFound)
}

func newDocument(baseURL, cookie string) *document {
	config := huma.DefaultConfig("Vitrine", "1")
	config.Info.Description = "Assets, collections and links. Sign in by POST /api/v1/session for a " +
		"cookie, or send an API token as `Authorization: Bearer`. Errors are RFC 9457 problems " +
		"with a stable `code`."
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.CreateHooks = nil // no $schema in bodies
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.RejectUnknownQueryParameters = true
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: strictJSON}
	config.Formats = map[string]huma.Format{"application/json": format, "json": format} // "json" is for +json
	config.Transformers = []huma.Transformer{humaProblem}
	config.Servers = []*huma.Server{{URL: baseURL}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: cookie},
		"token":   {Type: "http", Scheme: "bearer"},
	}
	d := &document{adapter: &adapter{}}
	d.api = huma.NewAPI(config, d.adapter)
	return d
}

// schemaName takes the words out of a type's name that only Go needs: assetJSON is Asset outside,
// newLinkIn's body is NewLink.
func schemaName(t reflect.Type, hint string) string {
	name := strings.ReplaceAll(huma.DefaultSchemaNamer(t, hint), "JSON", "")
	for _, tail := range []string{"InBody", "OutBody"} {
		name = strings.TrimSuffix(name, tail)
	}
	return name
}

// operation describes a JSON route.
func operation(rt Route) huma.Operation {
	op := huma.Operation{
		OperationID:   operationID(rt),
		Method:        rt.Method(),
		Path:          rt.Path(),
		Summary:       rt.Does,
		Tags:          []string{tag(rt.Path())},
		DefaultStatus: rt.end.status,
		MaxBodyBytes:  maxBody + 1, // the guard has its own limit
		Responses:     map[string]*huma.Response{"default": problemResponse()},
	}
	if rt.Class != open {
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
		op.Description = "For class `" + string(rt.Class) + "`."
	}
	return op
}

// describe adds a route that does not speak JSON both ways, from the table of handmade.
func (d *document) describe(rt Route) {
	op := operation(rt)
	handmade(d.api.OpenAPI().Components.Schemas, rt, &op)
	d.api.OpenAPI().AddOperation(&op)
}

// seal describes the routes that huma does not know and writes everything down.
func (d *document) seal(routes []Route) error {
	schemas := d.api.OpenAPI().Components.Schemas
	schemas.Schema(problemType, true, "Problem")
	for _, unused := range []string{"ErrorModel", "ErrorDetail"} { // humaProblem replaces them
		delete(schemas.Map(), unused)
	}
	for _, rt := range routes {
		if rt.end.register == nil && strings.HasPrefix(rt.Path(), apiPrefix+"/") {
			d.describe(rt)
		}
	}
	for path, item := range d.api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil && !complete(path, op) {
				return fmt.Errorf("%s %s does not read all that its path names", op.Method, path)
			}
		}
	}
	text, err := json.MarshalIndent(d.api.OpenAPI(), "", " ")
	d.text = text
	return err
}

// complete says whether an operation reads every variable of its path. One that forgets the id
// would do its work on nothing.
func complete(path string, op *huma.Operation) bool {
	for part := range strings.SplitSeq(path, "/") {
		name := strings.Trim(part, "{}")
		read := slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "path" && p.Name == name })
		if name != part && !read {
			return false
		}
	}
	return true
}

// openAPI is GET /api/v1/openapi.json.
func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/openapi+json")
	_, err := w.Write(s.doc.text)
	return err
}

func operationID(rt Route) string {
	words := []string{strings.ToLower(rt.Method())}
	for part := range strings.SplitSeq(strings.TrimPrefix(rt.Path(), apiPrefix), "/") {
		if part = strings.Trim(part, "{}"); part != "" {
			words = append(words, strings.TrimSuffix(part, ".json"))
		}
	}
	return strings.Join(words, "-")
}

func tag(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, apiPrefix+"/"), "/")
	return first
}

func problemResponse() *huma.Response {
	return &huma.Response{
		Description: "A problem (RFC 9457)",
		Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}},
		},
	}
}

// handmade fills in what only a person can say about a route that moves bytes.
func handmade(schemas huma.Registry, rt Route, op *huma.Operation) {
	text := func() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }
	answer := func(status, what string, types ...string) {
		content := map[string]*huma.MediaType{}
		for _, t := range types {
			content[t] = &huma.MediaType{Schema: text()}
		}
		op.Responses[status] = &huma.Response{Description: what, Content: content}
	}
	for part := range strings.SplitSeq(rt.Path(), "/") {
		if name := strings.Trim(part, "{}"); name != part {
			op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: text()})
		}
	}
	query := func(name string, schema *huma.Schema) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: schema})
	}
	switch strings.TrimPrefix(rt.Path(), apiPrefix) {
	case "/openapi.json":
		answer("200", "This description", "application/openapi+json")
	case "/events":
		answer("200", "Events named asset with {id, status, progress}", "text/event-stream")
	case "/assets/{id}/versions/{name}":
		query("download", text())
		answer("200", "The bytes", "image/jpeg", "application/octet-stream")
		answer("206", "A part of the bytes", "image/jpeg", "application/octet-stream")
		answer("202", "Still being made; ask again after Retry-After", "application/problem+json")
	case "/links/{id}/qr":
		query("format", &huma.Schema{Type: huma.TypeString, Enum: []any{"png", "svg"}, Default: "png"})
		query("size", &huma.Schema{Type: huma.TypeInteger, Enum: []any{256, 512, 1024, 2048}, Default: 512})
		answer("200", "The picture", "image/png", "image/svg+xml")
	case "/assets":
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"multipart/form-data": {Schema: &huma.Schema{
				Type:     huma.TypeObject,
				Required: []string{"file"},
				Properties: map[string]*huma.Schema{
					"file":        {Type: huma.TypeString, Format: "binary"},
					"title":       text(),
					"description": text(),
				},
			}},
		}}
		op.Responses["201"] = &huma.Response{
			Description: "The new asset",
			Content: map[string]*huma.MediaType{
				"application/json": {Schema: schemas.Schema(assetType, true, "Asset")},
			},
		}
	}
}
