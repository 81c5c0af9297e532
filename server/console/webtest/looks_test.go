package webtest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

const (
	// looksWidth and looksHeight are those of the small pictures that pages are compared by: a word is less than a pixel of them, so that fonts hardly count.
	looksWidth, looksHeight = 40, 28
	// maxLooksDifference is how much of what a picture shows besides its background may differ. An empty page differs by all of it, one
	// in the other theme by much more.
	maxLooksDifference = 0.5
	// looksVariable has the pictures written anew.
	looksVariable = "AUDITLAKE_WRITE_LOOKS"
)

// looksLike compares what the window shows with a small picture of it in testdata/looks.
func (b *browser) looksLike(name string) {
	b.Helper()
	var shot []byte
	ctx, stop := context.WithTimeout(b.ctx, stepTime)
	defer stop()
	require.NoError(b, chromedp.Run(ctx, chromedp.CaptureScreenshot(&shot)))
	shown, err := png.Decode(bytes.NewReader(shot))
	require.NoError(b, err)
	small := smaller(shown)
	file := filepath.Join("testdata", "looks", name+".png")
	if os.Getenv(looksVariable) != "" {
		var text bytes.Buffer
		require.NoError(b, png.Encode(&text, small))
		require.NoError(b, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(b, os.WriteFile(file, text.Bytes(), 0o644))
		return
	}
	text, err := os.ReadFile(file)
	require.NoError(b, err)
	want, err := png.Decode(bytes.NewReader(text))
	require.NoError(b, err)
	difference := differenceOf(small, want)
	b.Logf("%s differs by %.2f", name, difference)
	if difference > maxLooksDifference {
		b.screenshot("looks-" + name)
	}
	require.LessOrEqual(b, difference, maxLooksDifference, "%s does not look as it did; if it is meant to, set %s", name, looksVariable)
}

// smaller returns a picture whose pixels are the mean brightness of parts of another.
func smaller(shown image.Image) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, looksWidth, looksHeight))
	size := shown.Bounds()
	for y := range looksHeight {
		for x := range looksWidth {
			sum, count := 0, 0
			for sy := size.Dy() * y / looksHeight; sy < size.Dy()*(y+1)/looksHeight; sy++ {
				for sx := size.Dx() * x / looksWidth; sx < size.Dx()*(x+1)/looksWidth; sx++ {
					gray, _ := color.GrayModel.Convert(shown.At(size.Min.X+sx, size.Min.Y+sy)).(color.Gray)
					sum += int(gray.Y)
					count++
				}
			}
			out.SetGray(x, y, color.Gray{Y: uint8(sum / count)})
		}
	}
	return out
}

// differenceOf returns how much two small pictures differ, as a share of what the second shows besides its background.
func differenceOf(shown, want image.Image) float64 {
	var counts [256]int
	brightness := func(of image.Image, x, y int) int {
		gray, _ := color.GrayModel.Convert(of.At(x, y)).(color.Gray)
		return int(gray.Y)
	}
	for y := range looksHeight {
		for x := range looksWidth {
			counts[brightness(want, x, y)]++
		}
	}
	background := 0
	for value, count := range counts {
		if count > counts[background] {
			background = value
		}
	}
	differs, ink := 0, 0
	for y := range looksHeight {
		for x := range looksWidth {
			differs += max(brightness(shown, x, y)-brightness(want, x, y), brightness(want, x, y)-brightness(shown, x, y))
			ink += max(brightness(want, x, y)-background, background-brightness(want, x, y))
		}
	}
	return float64(differs) / float64(max(1, ink))
}

// TestLooksDiffer: the measure tells an empty page and another theme from what a page looks like, and lets a moved word pass.
func TestLooksDiffer(t *testing.T) {
	page := func(back, ink uint8, moved int) *image.Gray {
		out := image.NewGray(image.Rect(0, 0, 1280, 900))
		for i := range out.Pix {
			out.Pix[i] = back
		}
		for y := 200; y < 600; y++ {
			for x := 100 + moved; x < 700+moved; x++ {
				out.SetGray(x, y, color.Gray{Y: ink})
			}
		}
		return out
	}
	want := smaller(page(240, 100, 0))
	require.Zero(t, differenceOf(smaller(page(240, 100, 0)), want))
	require.Less(t, differenceOf(smaller(page(240, 100, 20)), want), maxLooksDifference/2)
	require.Greater(t, differenceOf(smaller(page(240, 240, 0)), want), maxLooksDifference)
	require.Greater(t, differenceOf(smaller(page(20, 200, 0)), want), maxLooksDifference)
}
