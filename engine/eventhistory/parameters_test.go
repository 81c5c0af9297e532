package eventhistory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestElementTables: each line of the tables makes a resource of its parameter or response element, and no line is there
// twice. TestCreatedAndTagged has an event for each type of the response elements.
func TestElementTables(t *testing.T) {
	for _, table := range []string{parameterTable, taggingTable, responseTable} {
		require.IsIncreasing(t, strings.Split(strings.TrimSpace(table), "\n"))
	}
	created, err := os.ReadFile(filepath.Join("testdata", "created.txt"))
	require.NoError(t, err)
	responses := 0
	seen := map[string]bool{}
	for _, p := range elements {
		line := p.eventSource + "/" + p.eventName + " " + p.member
		inner := `"n"`
		for i := len(p.path) - 1; i >= 0; i-- {
			inner = `[{"` + p.path[i] + `":` + inner + `}]`
		}
		value := "n"
		if len(p.path) > 0 {
			value = inner
		}
		for _, part := range p.path {
			line += "." + part
		}
		if p.inResponse {
			line += " of the response"
			responses++
			require.Contains(t, string(created), " "+p.resourceType+" ", line)
		}
		require.False(t, seen[line], line)
		seen[line] = true
		if p.resourceType != "" {
			require.Regexp(t, regexp.MustCompile(`^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$`), p.resourceType)
		}
		column, requested, answered := `{"`+p.member+`":`+quote(value)+`}`, "", ""
		if requested = column; p.inResponse {
			requested, answered = "", column
		}
		got, err := resourcesOf(&Event{Source: p.eventSource, Name: p.eventName}, "", requested, answered)
		require.NoError(t, err)
		require.Contains(t, got, Resource{p.resourceType, "n"}, line)
	}
	require.GreaterOrEqual(t, responses, 60)
	e := &Event{Source: "s3.amazonaws.com"}
	_, err = resourcesOf(e, "{", "", "")
	require.ErrorContains(t, err, "resources")
	_, err = resourcesOf(e, "", "[", "")
	require.ErrorContains(t, err, "request parameters")
	_, err = resourcesOf(e, "", "", "[")
	require.ErrorContains(t, err, "response elements")
}

// TestRequestedNames: a request that makes a thing names it otherwise than later requests do.
func TestRequestedNames(t *testing.T) {
	for name, row := range map[string]struct {
		source, event, parameters string
		want                      []Resource
	}{
		"a secret":                 {"secretsmanager", "CreateSecret", `{"name":"db/password"}`, []Resource{{"AWS::SecretsManager::Secret", "db/password"}}},
		"a topic":                  {"sns", "CreateTopic", `{"name":"alerts"}`, []Resource{{"AWS::SNS::Topic", "alerts"}}},
		"a platform is no topic":   {"sns", "CreatePlatformApplication", `{"name":"app"}`, nil},
		"a load balancer":          {"elasticloadbalancing", "CreateLoadBalancer", `{"name":"front"}`, []Resource{{"AWS::ElasticLoadBalancingV2::LoadBalancer", "front"}}},
		"a classic load balancer":  {"elasticloadbalancing", "CreateLoadBalancer", `{"loadBalancerName":"old"}`, []Resource{{"AWS::ElasticLoadBalancing::LoadBalancer", "old"}}},
		"the address of a gateway": {"ec2", "CreateNatGateway", `{"CreateNatGatewayRequest":"{\"AllocationId\":\"eipalloc-1\"}"}`, []Resource{{"AWS::EC2::EIP", "eipalloc-1"}}},
		"flow logs":                {"ec2", "DeleteFlowLogs", `{"DeleteFlowLogsRequest":"{\"FlowLogId\":{\"content\":\"fl-1\",\"tag\":1}}"}`, []Resource{{"AWS::EC2::FlowLog", "fl-1"}}},
		"a parameter":              {"ssm", "PutParameter", `{"name":"/shop/url"}`, []Resource{{"AWS::SSM::Parameter", "/shop/url"}}},
		"a document":               {"ssm", "CreateDocument", `{"name":"patch"}`, []Resource{{"AWS::SSM::Document", "patch"}}},
		"a rule":                   {"events", "DisableRule", `{"name":"alarm"}`, []Resource{{"AWS::Events::Rule", "alarm"}}},
		"a trail":                  {"cloudtrail", "StopLogging", `{"name":"main"}`, []Resource{{"AWS::CloudTrail::Trail", "main"}}},
		"a store is no trail":      {"cloudtrail", "CreateEventDataStore", `{"name":"lake"}`, []Resource{{"AWS::CloudTrail::EventDataStore", "lake"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := resourcesOf(&Event{Source: row.source + ".amazonaws.com", Name: row.event}, "", row.parameters, "")
			require.NoError(t, err)
			require.Equal(t, row.want, got)
		})
	}
}

// TestTypeOfName: ids and ARNs say of what type the resource is that they name.
func TestTypeOfName(t *testing.T) {
	for name, want := range map[string]string{
		"i-0aaa":               "AWS::EC2::Instance",
		"tgw-attach-0814a7775": "AWS::EC2::TransitGatewayAttachment",
		"vol-97c02b3e":         "AWS::EC2::Volume",
		"arn:aws:s3:::reports": "AWS::S3::Bucket",
		"arn:aws:lambda:eu-west-1:111122223333:function:f": "AWS::Lambda::Function",
		"arn:aws:rds:eu-west-1:111122223333:db:orders":     "AWS::RDS::DBInstance",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/t":  "AWS::DynamoDB::Table",
		"arn:aws-cn:sns:cn-north-1:111122223333:topic":     "AWS::SNS::Topic",
		"arn:aws:new:eu-west-1:111122223333:thing/x":       "",
		"new-0aaa":   "",
		"i":          "",
		"-x":         "",
		"my-i-0aaa":  "",
		"arn:aws:s3": "",
		"":           "",
	} {
		require.Equal(t, want, typeOfName(name), name)
	}
}

func quote(text string) string {
	out, _ := json.Marshal(text) // texts always can be written
	return string(out)
}
