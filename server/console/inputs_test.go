package console

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestBodiesThatAreNone: what takes a body refuses one that is not JSON, and one with members that nobody knows.
func TestBodiesThatAreNone(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	for _, path := range []string{"completion", "check", "explain", "queries", "lookup", "words", "saved"} {
		for name, body := range map[string]string{"no JSON": "{", "an unknown member": `{"nonsense": 1}`, "a list": "[1]"} {
			t.Run(path+", "+name, func(t *testing.T) {
				response := v.send(http.MethodPost, "/console/api/"+path, body, nil)
				text, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				require.Equal(t, http.StatusBadRequest, response.StatusCode, string(text))
			})
		}
	}
}

// TestInputsBeyondTheirLimits: numbers and texts of requests have limits, and what is beyond them is refused with the limit.
func TestInputsBeyondTheirLimits(t *testing.T) {
	v := newSite(t).signedInAsRoot()
	q := v.run("SELECT 1 AS x")
	conditions := make([]map[string]string, 1000)
	for _, tt := range []struct {
		name, method, path string
		body               any
		want               string
	}{
		{"a search for nothing", http.MethodGet, "queries/" + q.ID + "/search?text=", nil, "text must have 1 to"},
		{"a search from nowhere", http.MethodGet, "queries/" + q.ID + "/search?text=a&from=x", nil, "from"},
		{"rows from nowhere", http.MethodGet, "queries/" + q.ID + "/rows?offset=-1", nil, "offset"},
		{"too many conditions", http.MethodPost, "lookup", map[string]any{"maxEvents": 10, "attributes": conditions}, "conditions, not 1000"},
		{"no store for a sample", http.MethodGet, "samples/statement?name=Top+services&store=", nil, "store is missing"},
		{"no plan of two statements", http.MethodPost, "explain", map[string]any{"sql": "SELECT nope"}, "nope"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, why := v.refused(tt.method, tt.path, tt.body)
			require.Equal(t, http.StatusBadRequest, status, why.Message)
			require.Contains(t, why.Message, tt.want)
		})
	}
}

// TestChannelsAreListed: a channel with the names of its destinations.
func TestChannelsAreListed(t *testing.T) {
	s := newSite(t)
	store, err := s.lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "activities", Category: "ActivityAuditLog", SingleRegion: true})
	require.NoError(t, err)
	_, err = s.lake.Channels().Create(context.Background(), engine.ChannelOptions{Name: "app", Source: "Custom", Destinations: []string{store.ID}})
	require.NoError(t, err)
	listed := ask[[]channelView](s.signedInAsRoot(), http.MethodGet, "channels", nil)
	require.Len(t, listed, 1)
	require.Equal(t, "app Custom activities", strings.Join([]string{listed[0].Name, listed[0].Source, listed[0].Destinations[0]}, " "))
	require.NotEmpty(t, listed[0].CreatedAt)
	require.Empty(t, listed[0].SuccessAt, "nothing was pushed through it")
}

// TestOwnQueries: whoever asks for their own queries sees no others, though they might.
func TestOwnQueries(t *testing.T) {
	s := newSite(t)
	mine := s.signedInAsRoot()
	id, secret, token := s.key(`{"Effect":"Allow","Action":"*","Resource":"*"}`, engine.KeyOptions{})
	other := s.signedIn(id, secret, token)
	own, others := mine.run("SELECT 1 AS own").ID, other.run("SELECT 2 AS others").ID
	ids := func(path string) (out []string) {
		for _, q := range ask[[]queryView](mine, http.MethodGet, path, nil) {
			out = append(out, q.ID)
		}
		return out
	}
	require.ElementsMatch(t, []string{own, others}, ids("queries"))
	require.Equal(t, []string{own}, ids("queries?mine=true"))
}
