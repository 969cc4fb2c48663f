package source

import (
	"context"
	"io"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"vitrine/internal/dam"
)

// bucket is the objects of an S3 bucket whose keys begin with a prefix.
type bucket struct {
	client *minio.Client
	name   string
	prefix string
}

func openBucket(u *url.URL) (*bucket, error) {
	wrong := func(err error) error {
		return &dam.Error{Kind: dam.Invalid, Field: "address", Msg: "Write s3://BUCKET/PREFIX?endpoint=URL&region=NAME.", Err: err}
	}
	query := u.Query()
	endpoint, err := url.Parse(query.Get("endpoint"))
	if err != nil || u.Host == "" || u.User != nil || !plain(endpoint) {
		return nil, wrong(err)
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewEnvAWS(), Secure: endpoint.Scheme == "https", Region: query.Get("region"), MaxRetries: 2,
	})
	if err != nil {
		return nil, wrong(err)
	}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &bucket{client, u.Host, prefix}, nil
}

// plain says whether an endpoint is a server and nothing else: the client would not ask beneath a path.
func plain(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		(u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}

func (b *bucket) List(ctx context.Context, fn func(File) error) ([]string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for object := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
		if object.Err != nil {
			return nil, unreachable(object.Err)
		}
		path := strings.TrimPrefix(object.Key, b.prefix)
		if path == "" || strings.HasSuffix(path, "/") || object.Size == 0 || !shown(path) {
			continue
		}
		if err := fn(File{Path: path, Size: object.Size, Tag: object.ETag}); err != nil {
			return nil, err
		}
	}
	return nil, ctx.Err()
}

func (b *bucket) Open(ctx context.Context, path string) (io.ReadSeekCloser, File, error) {
	object, err := b.client.GetObject(ctx, b.name, b.prefix+path, minio.GetObjectOptions{})
	if err != nil {
		return nil, File{}, noObject(err)
	}
	info, err := object.Stat()
	if err != nil {
		object.Close()
		return nil, File{}, noObject(err)
	}
	return object, File{Path: path, Size: info.Size, Tag: info.ETag}, nil
}

func (*bucket) Changes(context.Context) <-chan struct{} { return nil }

// noObject says why one object can't be had.
func noObject(err error) error {
	switch minio.ToErrorResponse(err).Code {
	case minio.NoSuchKey:
		return gone(err)
	case minio.AccessDenied, invalidObjectState:
		return unreadable(err)
	}
	return unreachable(err)
}

// invalidObjectState is what S3 says of an object that lies in cold storage.
const invalidObjectState = "InvalidObjectState"

func unreachable(err error) error {
	return &dam.Error{Kind: dam.Unavailable, Msg: "The bucket can't be reached.", Err: err}
}
