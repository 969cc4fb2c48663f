package blob

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"vitrine/internal/dam"
)

// readyName is an object no key can look like: Walk, Open and Delete never meet it.
const readyName = "vitrine-ready"

// bucket keeps blobs as objects of an S3 bucket. What it does not know as a key is not its own and
// is left alone.
type bucket struct {
	client  *minio.Client
	name    string
	scratch string
}

func openS3(ctx context.Context, u *url.URL, scratch string) (*bucket, error) {
	options, err := s3Options(u)
	if err != nil {
		return nil, err
	}
	endpoint, _ := url.Parse(u.Query().Get("endpoint"))
	client, err := minio.New(endpoint.Host, options)
	if err != nil {
		return nil, dam.InvalidField("storage", "%v", err)
	}
	b := &bucket{client: client, name: u.Host, scratch: scratch}
	there, err := client.BucketExists(ctx, b.name)
	if err == nil && !there {
		err = client.MakeBucket(ctx, b.name, minio.MakeBucketOptions{Region: options.Region})
	}
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", b.name, storageError(err))
	}
	return b, nil
}

// s3Options leaves trailing checksums off: some S3 servers refuse every multipart upload with
// them. The MD5 that Put sends guards the way there, and Verify compares our own SHA-256.
func s3Options(u *url.URL) (*minio.Options, error) {
	query := u.Query()
	for name := range query {
		if name != "endpoint" && name != "region" {
			return nil, dam.InvalidField("storage", "After s3://BUCKET come endpoint and region, not %q.", name)
		}
	}
	endpoint, err := url.Parse(query.Get("endpoint"))
	if err != nil || endpoint.Host == "" || (endpoint.Scheme != "http" && endpoint.Scheme != "https") ||
		strings.Trim(endpoint.Path, "/") != "" {
		return nil, dam.InvalidField("storage", "Say where the S3 server is: endpoint=http://HOST:PORT or endpoint=https://HOST.")
	}
	if len(u.Host) < 3 || u.User != nil || strings.Trim(u.Path, "/") != "" {
		return nil, dam.InvalidField("storage", "Write s3://BUCKET with a bucket's name of 3 characters or more and nothing else.")
	}
	region := query.Get("region")
	if region == "" {
		region = "us-east-1"
	}
	return &minio.Options{
		Creds:  credentials.NewEnvAWS(),
		Secure: endpoint.Scheme == "https",
		Region: region,
	}, nil
}

// Put spools to the scratch folder first: the key is known only at the end, and a cut reader then
// leaves nothing in the bucket. The spool has no name, so a killed process leaves nothing either.
func (b *bucket) Put(ctx context.Context, r io.Reader) (Blob, error) {
	spool, err := os.CreateTemp(b.scratch, "put-*")
	if err != nil {
		return Blob{}, fmt.Errorf("put blob: %w", storageError(err))
	}
	defer spool.Close()
	if err := os.Remove(spool.Name()); err != nil {
		return Blob{}, fmt.Errorf("put blob: %w", storageError(err))
	}
	kept, err := pour(ctx, spool, r)
	if err != nil {
		return Blob{}, fmt.Errorf("put blob: %w", err)
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return Blob{}, fmt.Errorf("put blob: %w", storageError(err))
	}
	sent, err := b.client.PutObject(ctx, b.name, kept.Key, spool, kept.Size, minio.PutObjectOptions{
		ContentType:    "application/octet-stream",
		SendContentMd5: true,
	})
	if err != nil {
		return Blob{}, fmt.Errorf("put blob: %w", storageError(err))
	}
	if sent.Size != kept.Size {
		return Blob{}, fmt.Errorf("put blob: %w",
			dam.Errorf(dam.Unavailable, "The storage kept %d of %d bytes.", sent.Size, kept.Size))
	}
	return kept, nil
}

// Open asks for the size only. A read fetches from where the reader stands, so that a range of a
// large blob does not fetch the whole.
func (b *bucket) Open(ctx context.Context, key string) (io.ReadSeekCloser, int64, error) {
	if !validKey(key) {
		return nil, 0, notFound(key)
	}
	object, err := b.client.GetObject(ctx, b.name, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, fmt.Errorf("open blob: %w", storageError(err))
	}
	info, err := object.Stat()
	if err != nil {
		object.Close()
		return nil, 0, fmt.Errorf("open blob: %w", storageError(err))
	}
	return object, info.Size, nil
}

// Delete looks and removes in two requests, since S3 has no lock: what is put in that moment goes.
// The sweeper marks the row before it calls, and whoever puts meanwhile is told to come again.
func (b *bucket) Delete(ctx context.Context, key string, before time.Time) error {
	if !validKey(key) {
		return fmt.Errorf("delete blob: %.80q is no key", key)
	}
	info, err := b.client.StatObject(ctx, b.name, key, minio.StatObjectOptions{})
	if err != nil {
		if err = storageError(err); dam.KindOf(err) == dam.NotFound {
			return nil
		}
		return fmt.Errorf("delete blob: %w", err)
	}
	if !info.LastModified.Before(before) {
		return nil
	}
	if err := b.client.RemoveObject(ctx, b.name, key, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("delete blob: %w", storageError(err))
	}
	return nil
}

func (b *bucket) Walk(ctx context.Context, fn func(Entry) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing when fn stops early
	for object := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Recursive: true}) {
		if object.Err != nil {
			return fmt.Errorf("walk blobs: %w", storageError(object.Err))
		}
		if !validKey(object.Key) {
			continue
		}
		if err := fn(Entry{Key: object.Key, Size: object.Size, Modified: object.LastModified}); err != nil {
			return fmt.Errorf("walk blobs: %w", err)
		}
	}
	return ctx.Err()
}

func (b *bucket) Ready(ctx context.Context) error {
	body := strings.NewReader("ready")
	_, err := b.client.PutObject(ctx, b.name, readyName, body, body.Size(), minio.PutObjectOptions{})
	if err == nil {
		_, err = b.client.StatObject(ctx, b.name, readyName, minio.StatObjectOptions{})
	}
	return storageError(err)
}
