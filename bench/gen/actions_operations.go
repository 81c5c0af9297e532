package gen

var (
	noParameter = failure{code: "ParameterNotFound"}
	noStack     = failure{code: "ValidationException", message: parse(`Stack with id <function> does not exist`)}
)

// operationsActions are requests for logs, settings, secrets and the trail itself.
var operationsActions = []action{
	{weight: 300, service: "logs", name: "CreateLogStream", by: programs, apiVersion: "20140328",
		request:  parse(`{"logGroupName":"<loggroup>","logStreamName":"[$LATEST]<hex 32>"}`),
		failures: []failure{{code: "ResourceAlreadyExistsException", message: parse(`The specified log stream already exists`)}}, failurePermille: 30},
	{weight: 90, service: "logs", name: "DescribeLogGroups", traits: reads, by: anyone, apiVersion: "20140328",
		request: parse(`{"logGroupNamePrefix":"<loggroup>","limit":50}`)},
	{weight: 20, service: "logs", name: "StartQuery", traits: reads, by: people, apiVersion: "20140328",
		request:  parse(`{"logGroupNames":["<loggroup>"],"startTime":<millis>,"endTime":<millis>,"queryString":"fields @timestamp, @message | filter @message like /error/ | sort @timestamp desc","limit":1000}`),
		response: parse(`{"queryId":"<uuid>"}`)},
	{weight: 2, service: "logs", name: "DeleteLogGroup", by: people, apiVersion: "20140328", request: parse(`{"logGroupName":"<loggroup>"}`)},

	{weight: 260, service: "ssm", name: "UpdateInstanceInformation", by: programs,
		request: parse(`{"instanceId":"<instance>","agentVersion":"3.3.987.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"<private>","computerName":"ip-<int 255>-<int 255>.<region>.compute.internal","agentName":"amazon-ssm-agent","availabilityZone":"<region>b"}`)},
	{weight: 170, service: "ssm", name: "GetParameter", traits: reads, by: programs,
		request:   parse(`{"name":"<parameter>","withDecryption":<bool 700>}`),
		resources: parse(`[{"accountId":"<account>","ARN":"arn:aws:ssm:<region>:<account>:parameter<parameter>"}]`),
		failures:  []failure{noParameter}, failurePermille: 40},
	{weight: 40, service: "ssm", name: "DescribeInstanceInformation", traits: reads, by: people, request: parse(`{"maxResults":50,"filters":[{"key":"PingStatus","values":["Online"]}]}`)},
	{weight: 5, service: "ssm", name: "StartSession", by: people,
		request:  parse(`{"target":"<instance>"}`),
		response: parse(`{"sessionId":"<user>-<hex 17>","tokenValue":"Value hidden due to security reasons.","streamUrl":"wss://ssmmessages.<region>.amazonaws.com/v1/data-channel/<user>-<hex 17>?role=publish_subscribe"}`)},
	{weight: 4, service: "ssm", name: "SendCommand", by: people,
		request:  parse(`{"documentName":"AWS-RunShellScript","instanceIds":["<instance>"],"parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","timeoutSeconds":600,"interactive":false}`),
		response: parse(`{"command":{"commandId":"<uuid>","documentName":"AWS-RunShellScript","status":"Pending","targetCount":1,"completedCount":0,"errorCount":0,"instanceIds":["<instance>"],"requestedDateTime":"<wordytime>"}}`)},

	{weight: 150, service: "secretsmanager", name: "GetSecretValue", traits: reads, by: programs,
		request:  parse(`{"secretId":"<secret>"}`),
		failures: []failure{{code: "ResourceNotFoundException", message: parse(`Secrets Manager can't find the specified secret.`)}}, failurePermille: 20},
	{weight: 30, service: "secretsmanager", name: "DescribeSecret", traits: reads, by: anyone, request: parse(`{"secretId":"<secret>"}`)},
	{weight: 3, service: "secretsmanager", name: "PutSecretValue", by: people,
		request:  parse(`{"secretId":"<secret>","clientRequestToken":"<uuid>"}`),
		response: parse(`{"arn":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>-<upper 6>","name":"<secret>","versionId":"<uuid>","versionStages":["AWSCURRENT"]}`)},
	{weight: 2, service: "secretsmanager", name: "DeleteSecret", by: people,
		request:  parse(`{"secretId":"<secret>","recoveryWindowInDays":<int 30>,"forceDeleteWithoutRecovery":false}`),
		response: parse(`{"arn":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>-<upper 6>","name":"<secret>","deletionDate":"<wordytime>"}`)},
	{weight: 3, service: "secretsmanager", name: "RotationSucceeded", by: serviceItself, principal: "secretsmanager.amazonaws.com",
		details: parse(`{"SecretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>-<upper 6>"}`)},

	{weight: 110, service: "monitoring", name: "DescribeAlarms", traits: reads, by: anyone, request: parse(`{"alarmNames":["<function>-errors"],"maxRecords":100}`)},
	{weight: 14, service: "monitoring", name: "PutMetricAlarm", by: people,
		request: parse(`{"alarmName":"<function>-errors","actionsEnabled":true,"metricName":"Errors","namespace":"AWS/Lambda","statistic":"Sum","dimensions":[{"name":"FunctionName","value":"<function>"}],"period":300,"evaluationPeriods":<int 5>,"threshold":<int 50>.5,"comparisonOperator":"GreaterThanThreshold"}`)},
	{weight: 70, service: "cloudformation", name: "DescribeStacks", traits: reads, by: anyone, request: parse(`{"stackName":"<function>"}`), failures: []failure{noStack}, failurePermille: 90},
	{weight: 6, service: "cloudformation", name: "UpdateStack", by: people,
		request:  parse(`{"stackName":"<function>","capabilities":["CAPABILITY_IAM","CAPABILITY_AUTO_EXPAND"],"parameters":[{"parameterKey":"Version","parameterValue":"****"}],"disableRollback":false}`),
		response: parse(`{"stackId":"arn:aws:cloudformation:<region>:<account>:stack/<function>/<uuid>"}`)},

	{weight: 30, service: "cloudtrail", name: "DescribeTrails", traits: reads, by: anyone, request: parse(`{"trailNameList":[],"includeShadowTrails":<bool 500>}`)},
	{weight: 25, service: "cloudtrail", name: "LookupEvents", traits: reads, by: people,
		request:  parse(`{"maxResults":50,"lookupAttributes":[{"attributeKey":"ReadOnly","attributeValue":"false"}]}`),
		failures: []failure{throttled}, failurePermille: 120},
	{weight: 2, service: "cloudtrail", name: "StopLogging", by: people, request: parse(`{"name":"arn:aws:cloudtrail:<region>:<account>:trail/organization"}`)},
	{weight: 2, service: "cloudtrail", name: "UpdateTrail", by: people,
		request:  parse(`{"name":"arn:aws:cloudtrail:<region>:<account>:trail/organization","includeGlobalServiceEvents":true,"isMultiRegionTrail":<bool 800>,"enableLogFileValidation":<bool 800>}`),
		response: parse(`{"name":"organization","trailARN":"arn:aws:cloudtrail:<region>:<account>:trail/organization","s3BucketName":"<bucket>","includeGlobalServiceEvents":true,"isMultiRegionTrail":true,"logFileValidationEnabled":true,"isOrganizationTrail":true}`)},
	{weight: 45, service: "config", name: "PutEvaluations", by: programs,
		request:  parse(`{"evaluations":[{"complianceResourceType":"AWS::EC2::Instance","complianceResourceId":"<instance>","complianceType":"COMPLIANT","orderingTimestamp":"<wordytime>"}],"testMode":false}`),
		response: parse(`{"failedEvaluations":[]}`)},
	{weight: 20, service: "guardduty", name: "ListFindings", traits: reads, by: people,
		request: parse(`{"detectorId":"<hex 32>","maxResults":50,"findingCriteria":{"criterion":{"severity":{"gte":<int 9>},"updatedAt":{"greaterThanOrEqual":<millis>}}}}`)},
	{weight: 25, service: "organizations", name: "DescribeOrganization", traits: reads | global, by: anyone},
	{weight: 20, service: "health", name: "DescribeEventAggregates", traits: reads | global, by: people,
		request: parse(`{"filter":{"eventStatusCodes":["open","upcoming"],"startTimes":[{"from":"<wordytime>"}]},"aggregateField":"eventTypeCategory"}`)},
}
