#ifndef VITRINE_VIPS_H
#define VITRINE_VIPS_H

#include <stddef.h>

typedef struct {
	int width, height; // as stored, before turning
	int pages;
	int orientation; // EXIF, 1 to 8
} vt_header;

typedef struct {
	int width, height; // wanted, upright
	int quality;
	void *data; // JPEG, given to the caller, who frees it with vt_free
	size_t size;
} vt_picture;

typedef struct {
	int width, height; // wanted, upright
	void *pixels; // RGB, 8 bit, given to the caller
} vt_pixels;

int vt_init(void);
int vt_read_header(int fd, const char *loader, vt_header *header);

// Makes all pictures, which must be given largest first, and the pixels, which are smaller still.
int vt_render(int fd, const char *loader, int shrink, vt_picture *pictures, int n, vt_pixels *pixels);

void vt_free(void *data);
// Copies and forgets the library's error text.
void vt_take_error(char *text, size_t size);

#endif
