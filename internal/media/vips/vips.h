#ifndef VITRINE_VIPS_H
#define VITRINE_VIPS_H

#include <stddef.h>

typedef struct {
	int width, height; // as stored, before turning
	int pages;
	int orientation; // EXIF, 1 to 8
	int alpha; // whether there is any
} vt_header;

// Where a picture comes from: a file, or, with pixels, raw ones.
typedef struct {
	int fd;
	const char *loader;
	int shrink;	 // JPEG: by how much the decoder itself makes it smaller; 1 is not at all
	double scale; // SVG: how large it is drawn, of its own size
	const void *pixels; // 8 bit, owned by the caller, who keeps them until the call returns
	int width, height, bands; // of pixels: 1 grey, 3 RGB, 4 CMYK; one more with alpha
	int cmyk;
	const void *profile; // of pixels, the caller's own too; NULL: none
	size_t profile_size;
} vt_source;

typedef struct {
	int width, height; // wanted, upright
	const char *format; // jpeg, webp, avif or png
	int quality;
	void *data; // given to the caller, who frees it with vt_free
	size_t size;
} vt_picture;

typedef struct {
	int width, height; // wanted, upright
	int bands; // wanted: 3 RGB on white, 4 RGBA
	void *pixels; // 8 bit, to be filled; the caller's own
} vt_pixels;

int vt_init(void);
int vt_read_header(int fd, const char *loader, vt_header *header);

// Makes all pictures, which must be given largest first, and, if given, the pixels, which are smaller
// still. Without pictures only the pixels.
int vt_render(const vt_source *source, vt_picture *pictures, int n, vt_pixels *pixels);

// Draws one line of text as one band: how much each pixel is covered. px is the height of its type.
// The mask is given to the caller, who frees it with vt_free.
void *vt_text(const char *text, int px, int *width, int *height);

void vt_free(void *data);
// Copies and forgets the library's error text.
void vt_take_error(char *text, size_t size);

#endif
