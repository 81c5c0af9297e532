package billing

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/store"
)

const gb = int64(1) << 30

func TestDefaultPrices(t *testing.T) {
	p := DefaultPrices()
	require.Equal(t, "us-east-1", p.Region)
	require.Equal(t, "USD", p.Currency)
	require.InDelta(t, 0.005, p.Query(gb), 1e-12)
	require.InDelta(t, 0.023, p.ExtendedStorage(gb), 1e-12)
	require.Zero(t, p.Query(0))
}

func TestIngestionPrices(t *testing.T) {
	cases := []struct {
		name       string
		mode       store.BillingMode
		live       bool
		month, add int64 // GB
		want       float64
	}{
		{"extendable", store.ExtendableRetention, true, 0, 10, 7.5},
		{"extendable has no tiers", store.ExtendableRetention, true, 100_000, 10, 7.5},
		{"extendable, other sources", store.ExtendableRetention, false, 0, 10, 5},
		{"fixed, first tier", store.FixedRetention, true, 0, 5120, 12_800},
		{"fixed, second tier", store.FixedRetention, true, 5120, 20_480, 20_480},
		{"fixed, last tier", store.FixedRetention, true, 25_600, 1000, 500},
		{"fixed, across all tiers", store.FixedRetention, true, 0, 26_600, 12_800 + 20_480 + 500},
		{"fixed, across the first border", store.FixedRetention, true, 5119, 2, 3.5},
		{"nothing", store.FixedRetention, true, 5119, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			live := int64(0)
			if c.live {
				live = c.add * gb
			}
			require.InDelta(t, c.want, DefaultPrices().Ingestion(c.mode, c.month*gb, c.add*gb, live), 1e-6)
		})
	}
}

func TestLoadPrices(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "prices.toml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	p, err := LoadPrices(write("query_per_gb = 1.0\n[[fixed]]\nper_gb = 3.0\n"))
	require.NoError(t, err)
	require.InDelta(t, 2.0, p.Query(2*gb), 1e-12)
	require.InDelta(t, 6.0, p.Ingestion(store.FixedRetention, 7*gb, 2*gb, 2*gb), 1e-12)

	_, err = LoadPrices(write("query_per_gb = 1.0\n[[fixed]]\nup_to_gb = 5\nper_gb = 3.0\n"))
	require.ErrorContains(t, err, "last tier")
	_, err = LoadPrices(write("query_per_gb = what"))
	require.ErrorContains(t, err, "prices.toml")
	_, err = LoadPrices(filepath.Join(t.TempDir(), "none.toml"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
