package awsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

// ReadDashboard reads a dashboard from a file with the JSON of a CreateDashboard request. It refuses members that
// the request does not have.
func ReadDashboard(text []byte) (*engine.Dashboard, error) {
	if _, err := model.Services()[model.CloudTrail].Operations["CreateDashboard"].CheckRequest(text, nil); err != nil {
		return nil, err
	}
	in := new(createDashboardInput)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(in); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the dashboard")
	}
	if err := checkTags(in.TagsList); err != nil {
		return nil, err
	}
	return &engine.Dashboard{
		Name: in.Name, Tags: tagsOf(in.TagsList), Widgets: widgetsOf(in.Widgets), Schedule: in.RefreshSchedule.over(nil),
		IsProtected: in.TerminationProtectionEnabled != nil && *in.TerminationProtectionEnabled,
	}, nil
}

// WriteDashboard writes a dashboard for ReadDashboard: the request that creates the same one.
func WriteDashboard(found *engine.Dashboard) ([]byte, error) {
	described := describeDashboard(found)
	out := createDashboardInput{
		Name: found.Name, RefreshSchedule: described.RefreshSchedule, TagsList: describeTags(found.Tags),
		TerminationProtectionEnabled: described.TerminationProtectionEnabled, Widgets: described.Widgets,
	}
	for i := range out.Widgets {
		out.Widgets[i].QueryAlias = ""
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(out); err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", found.Name, err)
	}
	return text.Bytes(), nil
}
