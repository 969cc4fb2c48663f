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

// describe adds a route that does not speak JSON both ways, from what sketch knows of it.
func (d *document) describe(rt Route) {
	op := operation(rt)
	sketch{&op, d.api.OpenAPI().Components.Schemas}.fill(rt)
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
