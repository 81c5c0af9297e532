package examples_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

// plantedIn returns the events of a store that has none of trails, by its category, each as JSON.
func plantedIn(category string) (events [][]byte) {
	for i, event := range map[string][]members{
		"Insight": insights(), "ConfigurationItem": configurationItems(), "Evidence": piecesOfEvidence(), "ActivityAuditLog": activities(),
	}[category] {
		for key, value := range (members{
			"eventVersion": "1.0", "eventCategory": category, "awsRegion": "eu-west-1", "recipientAccountId": account,
			"eventID": fmt.Sprintf("00000000-0000-4000-8001-%012d", i), "eventTime": fmt.Sprintf("2025-12-%02dT10:%02d:00Z", 20+i, i),
		}) {
			if _, isThere := event[key]; !isThere {
				event[key] = value
			}
		}
		line, err := json.Marshal(event)
		if err != nil {
			panic(err) // the members are those below
		}
		events = append(events, line)
	}
	return events
}

func insights() (events []members) {
	for _, e := range []struct{ shared, state, name, at string }{
		{"a", "Start", "RunInstances", "21T10:00:00"}, {"a", "End", "RunInstances", "21T10:25:00"}, {"b", "Start", "DeleteBucket", "22T10:00:00"},
	} {
		events = append(events, members{
			"eventType": "AwsCloudTrailInsight", "sharedEventID": "planted-" + e.shared, "eventTime": "2025-12-" + e.at + "Z",
			"insightDetails": members{"state": e.state, "eventSource": "ec2.amazonaws.com", "eventName": e.name, "insightType": "ApiCallRateInsight", "insightContext": members{
				"statistics": members{"baseline": members{"average": 0.5}, "insight": members{"average": 20}, "insightDuration": 25, "baselineDuration": 10080},
				"attributions": []members{{"attribute": "userIdentityArn", "insight": []members{{"value": "arn:aws:iam::" + account + ":user/mallory", "average": 20}},
					"baseline": []members{}}}}},
		})
	}
	return events
}

func configurationItems() (events []members) {
	for i, status := range []string{"ResourceDiscovered", "OK", "ResourceDeleted"} {
		data := members{
			"configurationItemVersion": "1.3", "configurationItemStatus": status, "configurationStateId": fmt.Sprint(1700000000000 + i), "accountId": account,
			"resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-0planted", "resourceName": "web", "awsRegion": "eu-west-1", "tags": members{},
			"configuration": members{"vpcId": "vpc-0planted"},
			"relationships": []members{{"name": "Is contained in Vpc", "resourceType": "AWS::EC2::VPC", "resourceId": "vpc-0planted"}},
		}
		events = append(events, members{"eventType": "AwsConfigurationItem", "eventData": data})
	}
	return events
}

func piecesOfEvidence() (events []members) {
	for i, outcome := range []string{"PASS", "FAIL", ""} {
		data := members{
			"awsAccountId": account, "dataSource": "AWS Config", "evidenceByType": "Compliance check", "time": fmt.Sprintf("2025-12-1%dT10:00:00Z", i),
			"controlName": "Users sign in with two factors", "controlDomainName": "Identity", "frameworkName": "House rules",
			"resourceArn": "arn:aws:iam::" + account + ":user/mallory",
		}
		if outcome != "" {
			data["complianceCheck"] = outcome
		} else {
			data["manualEvidenceS3ResourcePath"], data["dataSource"] = "s3://evidence/policy.pdf", "Manual"
			data["iamId"] = "arn:aws:iam::" + account + ":user/auditor"
		}
		events = append(events, members{"eventType": "AwsAuditManagerEvidence", "eventData": data})
	}
	return events
}

func activities() (events []members) {
	for i, action := range strings.Fields("PayOrder RefundOrder") {
		data := members{
			"version": "1.0", "uid": "order-" + fmt.Sprint(i), "eventSource": "shop.example.com", "eventName": action, "eventTime": "2025-12-20T10:00:00Z",
			"userIdentity":    members{"type": "CustomUserIdentity", "principalId": "maria@example.com", "details": members{"department": "finance"}},
			"sourceIPAddress": "198.51.100.7", "userAgent": "shop-ios/7.1", "recipientAccountId": account,
		}
		if i > 0 {
			data["errorCode"], data["errorMessage"] = "TooLate", "the order is older than a year"
		}
		events = append(events, members{
			"eventType": "ActivityLog", "eventData": data,
			"metadata": members{"ingestionTime": "2025-12-25T12:00:00Z", "channelARN": "arn:aws:cloudtrail:eu-west-1:" + account + ":channel/2d3e4f50-6172-4839-8a4b-5c6d7e8f9012"},
		})
	}
	return events
}
