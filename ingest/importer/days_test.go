package importer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDays(t *testing.T) {
	at := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		parsed, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return parsed
	}
	const region = "AWSLogs/111122223333/CloudTrail/eu-west-1/"
	for name, c := range map[string]struct {
		from, to, folder string
		want             bool
	}{
		"no bounds":                       {"", "", region + "2025/03/09/", true},
		"the day itself":                  {"2025-03-09T15:00:00Z", "2025-03-09T16:00:00Z", region + "2025/03/09/", true},
		"the day before":                  {"2025-03-09T15:00:00Z", "2025-03-09T16:00:00Z", region + "2025/03/08/", false},
		"the day after":                   {"2025-03-09T15:00:00Z", "2025-03-09T16:00:00Z", region + "2025/03/10/", true},
		"two days after":                  {"2025-03-09T15:00:00Z", "2025-03-09T16:00:00Z", region + "2025/03/11/", false},
		"to is not included":              {"", "2025-03-09T00:00:00Z", region + "2025/03/10/", false},
		"a moment of the next day is":     {"", "2025-03-09T00:00:00.001Z", region + "2025/03/10/", true},
		"another zone":                    {"2025-03-09T01:00:00+02:00", "", region + "2025/03/08/", true},
		"its month":                       {"2025-03-09T15:00:00Z", "2025-03-09T16:00:00Z", region + "2025/03/", true},
		"the next month":                  {"2025-03-09T15:00:00Z", "2025-03-09T16:00:00Z", region + "2025/04/", false},
		"the last day reaches into April": {"2025-03-31T15:00:00Z", "2025-03-31T16:00:00Z", region + "2025/04/", true},
		"its year":                        {"2025-03-09T15:00:00Z", "2025-03-09T16:00:00Z", region + "2025/", true},
		"another year":                    {"2025-03-09T15:00:00Z", "2025-03-09T16:00:00Z", region + "2024/", false},
		"the turn of the year":            {"2025-12-31T15:00:00Z", "2025-12-31T16:00:00Z", region + "2026/01/01/", true},
		"from on":                         {"2025-03-09T15:00:00Z", "", region + "2031/", true},
		"below a day":                     {"2025-03-09T15:00:00Z", "2025-03-09T16:00:00Z", region + "2025/03/11/x/", false},
		"GovCloud":                        {"2025-03-09T15:00:00Z", "", "AWSLogs/1/CloudTrail/us-gov-west-1/2024/", false},
		"European Sovereign Cloud":        {"2025-03-09T15:00:00Z", "", "AWSLogs/1/CloudTrail/eusc-de-east-1/2024/", false},
		"without the trail's folders":     {"2025-03-09T15:00:00Z", "", "eu-west-1/2024/", false},
		"not below a region":              {"2025-03-09T15:00:00Z", "", "backup/2024/03/", true},
		"no date":                         {"2025-03-09T15:00:00Z", "", region, true},
		"no such day":                     {"2025-03-09T15:00:00Z", "", region + "2024/02/31/", true},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, newDays(at(c.from), at(c.to)).overlaps(c.folder))
		})
	}
}
