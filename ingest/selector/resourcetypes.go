package selector

import (
	"slices"
	"strings"
)

// resourceTypeTable lists the values of resources.type, from the table of data events in the managed service's user
// guide (CloudTrail concepts, Data events). After a type stands the form of its ARNs after "arn:aws:", from the API
// reference (AdvancedFieldSelector) and the Service Authorization Reference. Words in capitals match any text. A
// type without a form accepts any ARN.
const resourceTypeTable = `
AWS::AIOps::InvestigationGroup
AWS::AppConfig::Configuration appconfig:REGION:ACCOUNT:application/APPLICATION/environment/ENVIRONMENT/configuration/PROFILE
AWS::AppSync::GraphQLApi
AWS::B2BI::Transformer b2bi:REGION:ACCOUNT:transformer/TRANSFORMER
AWS::Backup::SearchJob
AWS::Bedrock::AgentAlias bedrock:REGION:ACCOUNT:agent-alias/AGENT/ALIAS
AWS::Bedrock::AsyncInvoke
AWS::Bedrock::AutomatedReasoningPolicy
AWS::Bedrock::AutomatedReasoningPolicyVersion
AWS::Bedrock::FlowAlias
AWS::Bedrock::FlowExecution
AWS::Bedrock::Guardrail
AWS::Bedrock::InlineAgent
AWS::Bedrock::KnowledgeBase bedrock:REGION:ACCOUNT:knowledge-base/BASE
AWS::Bedrock::Model
AWS::Bedrock::PromptVersion
AWS::Bedrock::Session
AWS::Cassandra::Stream
AWS::Cassandra::Table cassandra:REGION:ACCOUNT:/keyspace/KEYSPACE/table/TABLE
AWS::CloudFront::KeyValueStore cloudfront:REGION:ACCOUNT:key-value-store/STORE
AWS::CloudTrail::Channel cloudtrail:REGION:ACCOUNT:channel/CHANNEL
AWS::CloudWatch::Metric
AWS::CodeGuruProfiler::ProfilingGroup
AWS::CodeWhisperer::Customization codewhisperer:REGION:ACCOUNT:customization/CUSTOMIZATION
AWS::CodeWhisperer::Profile codewhisperer:REGION:ACCOUNT:profile/PROFILE
AWS::Cognito::IdentityPool cognito-identity:REGION:ACCOUNT:identitypool/POOL
AWS::DSQL::Cluster
AWS::DataExchange::Asset
AWS::Deadline::Fleet
AWS::Deadline::Job
AWS::Deadline::Queue
AWS::Deadline::Worker
AWS::DynamoDB::Stream dynamodb:REGION:ACCOUNT:table/TABLE/stream/TIME
AWS::DynamoDB::Table dynamodb:REGION:ACCOUNT:table/TABLE
AWS::EC2::Snapshot ec2:REGION::snapshot/SNAPSHOT
AWS::EKS::Dashboard
AWS::EMRWAL::Workspace emrwal:REGION:ACCOUNT:workspace/WORKSPACE
AWS::FSx::Volume
AWS::FinSpace::Environment finspace:REGION:ACCOUNT:environment/ENVIRONMENT
AWS::GameLiftStreams::Application
AWS::GameLiftStreams::StreamGroup
AWS::GeoMaps::Provider
AWS::GeoPlaces::Provider
AWS::GeoRoutes::Provider
AWS::Glue::Table glue:REGION:ACCOUNT:table/DATABASE/TABLE
AWS::GreengrassV2::ComponentVersion greengrass:REGION:ACCOUNT:components/COMPONENT
AWS::GreengrassV2::Deployment greengrass:REGION:ACCOUNT:deployments/DEPLOYMENT
AWS::GuardDuty::Detector guardduty:REGION:ACCOUNT:detector/DETECTOR
AWS::IoT::Certificate iot:REGION:ACCOUNT:cert/CERTIFICATE
AWS::IoT::Thing iot:REGION:ACCOUNT:thing/THING
AWS::IoTSiteWise::Asset iotsitewise:REGION:ACCOUNT:asset/ASSET
AWS::IoTSiteWise::TimeSeries iotsitewise:REGION:ACCOUNT:SERIES
AWS::IoTTwinMaker::Entity iottwinmaker:REGION:ACCOUNT:workspace/WORKSPACE/entity/ENTITY
AWS::IoTTwinMaker::Workspace iottwinmaker:REGION:ACCOUNT:workspace/WORKSPACE
AWS::KendraRanking::ExecutionPlan kendra-ranking:REGION:ACCOUNT:rescore-execution-plan/PLAN
AWS::Kinesis::Stream kinesis:REGION:ACCOUNT:stream/STREAM
AWS::Kinesis::StreamConsumer kinesis:REGION:ACCOUNT:stream/STREAM/consumer/CONSUMER
AWS::KinesisVideo::Stream kinesisvideo:REGION:ACCOUNT:stream/STREAM/TIME
AWS::Lambda::Function lambda:REGION:ACCOUNT:function:FUNCTION
AWS::MWAA::Environment
AWS::MachineLearning::MlModel
AWS::ManagedBlockchain::Network managedblockchain:::networks/NETWORK
AWS::ManagedBlockchain::Node managedblockchain:REGION:ACCOUNT:nodes/NODE
AWS::ManagedBlockchainQuery::QueryAPI
AWS::MedicalImaging::Datastore medical-imaging:REGION:ACCOUNT:datastore/STORE
AWS::NeptuneGraph::Graph neptune-graph:REGION:ACCOUNT:graph/GRAPH
AWS::NetworkFlowMonitor::Monitor
AWS::NetworkFlowMonitor::Scope
AWS::One::UKey
AWS::One::User
AWS::PCAConnectorAD::Connector pca-connector-ad:REGION:ACCOUNT:connector/CONNECTOR
AWS::PCAConnectorSCEP::Connector
AWS::PaymentCryptography::Alias
AWS::PaymentCryptography::Key
AWS::Pinpoint::App
AWS::QApps::QApp
AWS::QApps::QAppSession
AWS::QBusiness::Application qbusiness:REGION:ACCOUNT:application/APPLICATION
AWS::QBusiness::DataSource qbusiness:REGION:ACCOUNT:application/APPLICATION/index/INDEX/data-source/SOURCE
AWS::QBusiness::Index qbusiness:REGION:ACCOUNT:application/APPLICATION/index/INDEX
AWS::QBusiness::WebExperience qbusiness:REGION:ACCOUNT:application/APPLICATION/web-experience/EXPERIENCE
AWS::QDeveloper::Integration
AWS::RDS::DBCluster rds:REGION:ACCOUNT:CLUSTER
AWS::RUM::AppMonitor
AWS::S3::AccessPoint s3:REGION:ACCOUNT:accesspoint/POINT
AWS::S3::Object s3:::BUCKET/KEY
AWS::S3Express::Object
AWS::S3ObjectLambda::AccessPoint s3-object-lambda:REGION:ACCOUNT:accesspoint/POINT
AWS::S3Outposts::Object s3-outposts:REGION:ACCOUNT:PATH
AWS::S3Tables::Table
AWS::S3Tables::TableBucket
AWS::SCN::Instance scn:REGION:ACCOUNT:instance/INSTANCE
AWS::SDB::Domain
AWS::SES::ConfigurationSet
AWS::SES::EmailIdentity
AWS::SES::Template
AWS::SMSVoice::Message
AWS::SMSVoice::OriginationIdentity
AWS::SNS::PlatformEndpoint sns:REGION:ACCOUNT:endpoint/PLATFORM/APPLICATION/ENDPOINT
AWS::SNS::Topic sns:REGION:ACCOUNT:TOPIC
AWS::SQS::Queue sqs:REGION:ACCOUNT:QUEUE
AWS::SSM::ExecutionPreview
AWS::SSM::ManagedNode
AWS::SSMMessages::ControlChannel ssmmessages:REGION:ACCOUNT:control-channel/CHANNEL
AWS::SWF::Domain swf:REGION:ACCOUNT:DOMAIN
AWS::SageMaker::Endpoint sagemaker:REGION:ACCOUNT:endpoint/ENDPOINT
AWS::SageMaker::ExperimentTrialComponent sagemaker:REGION:ACCOUNT:experiment-trial-component/COMPONENT
AWS::SageMaker::FeatureGroup sagemaker:REGION:ACCOUNT:feature-group/GROUP
AWS::ServiceDiscovery::Namespace servicediscovery:REGION:ACCOUNT:namespace/NAMESPACE
AWS::ServiceDiscovery::Service servicediscovery:REGION:ACCOUNT:service/SERVICE
AWS::Signer::SigningJob
AWS::Signer::SigningProfile
AWS::SitewiseAssistant::Conversation
AWS::SocialMessaging::PhoneNumberId
AWS::SocialMessaging::WabaId
AWS::StepFunctions::Activity states:REGION:ACCOUNT:activity:ACTIVITY
AWS::StepFunctions::StateMachine states:REGION:ACCOUNT:stateMachine:MACHINE
AWS::ThinClient::Device thinclient:REGION:ACCOUNT:device/DEVICE
AWS::ThinClient::Environment thinclient:REGION:ACCOUNT:environment/ENVIRONMENT
AWS::Timestream::Database timestream:REGION:ACCOUNT:database/DATABASE
AWS::Timestream::RegionalEndpoint
AWS::Timestream::Table timestream:REGION:ACCOUNT:database/DATABASE/table/TABLE
AWS::VerifiedPermissions::PolicyStore verifiedpermissions:REGION:ACCOUNT:policy-store/STORE
AWS::XRay::Trace
`

// networkSourceTable lists the event sources of network activity events, from the user guide (Advanced event
// selector fields for network activity events).
const networkSourceTable = `
appconfig
b2bi
bcm-data-exports
bcm-pricing-calculator
billing
ce
cloudhsm
cloudtrail
comprehendmedical
dynamodb
ec2
ecs
freetier
fsx
invoicing
iotfleetwise
kms
lambda
lookoutequipment
rekognition
s3
scheduler
secretsmanager
ssm-contacts
textract
workmail
`

var (
	resourceTypes, arnForms = readResourceTypes()
	networkSources          = readNetworkSources()
)

// readResourceTypes returns the types in the table's order, and the forms of ARNs by type.
func readResourceTypes() (types []string, forms map[string]string) {
	forms = map[string]string{}
	for line := range strings.Lines(strings.TrimSpace(resourceTypeTable)) {
		name, form, _ := strings.Cut(strings.TrimSpace(line), " ")
		types = append(types, name)
		forms[name] = form
	}
	return types, forms
}

func readNetworkSources() (out []string) {
	for _, name := range strings.Fields(networkSourceTable) {
		out = append(out, name+".amazonaws.com")
	}
	return out
}

// isARNOf reports whether a text has the ARN form of a resource type.
func isARNOf(text, resourceType string) bool {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[1] == "" || parts[2] == "" || parts[5] == "" {
		return false
	}
	form := arnForms[resourceType]
	if form == "" {
		return true
	}
	want := strings.SplitN(form, ":", 4)
	if parts[2] != want[0] || resourceType == "AWS::S3::Object" && parts[3]+parts[4] != "" {
		return false
	}
	return hasForm(parts[5], want[3])
}

// hasForm reports whether a text contains the fixed parts of a form, in their order, the first at its beginning.
func hasForm(text, form string) bool {
	for i, fixed := range fixedParts(form) {
		at := strings.Index(text, fixed)
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		text = text[at+len(fixed):]
	}
	return true
}

// fixedParts returns the texts between the words in capitals of a form; the first may be empty. A word has at least
// two letters.
func fixedParts(form string) (out []string) {
	from := 0
	for i := 0; i < len(form); {
		end := i
		for end < len(form) && 'A' <= form[end] && form[end] <= 'Z' {
			end++
		}
		if end-i < 2 {
			i = max(end, i+1)
			continue
		}
		out = append(out, form[from:i])
		i, from = end, end
	}
	return out
}

// maxNear is the number of names that an error suggests.
const maxNear = 3

// near returns the known names most similar to a name: those of its service, or those that share most letters at
// the beginning and end.
func near(name string, known []string) (out []string) {
	likeness := map[string]int{}
	wanted, service := bareName(name)
	for _, k := range known {
		lower, ofService := bareName(k)
		equal := commonPrefix(lower, wanted)
		equal += commonSuffix(lower[equal:], wanted[equal:])
		longer := max(len(lower), len(wanted))
		switch {
		case service != "" && ofService == service:
			likeness[k] = 1000 + equal
		case service != "" && strings.HasPrefix(ofService, service), longer-equal <= max(1, longer/4):
			likeness[k] = equal
		default:
			continue
		}
		out = append(out, k)
	}
	slices.SortStableFunc(out, func(a, b string) int { return likeness[b] - likeness[a] })
	return out[:min(len(out), maxNear)]
}

// bareName returns a name without the prefix that all names share, and the service that it begins with.
func bareName(name string) (bare, service string) {
	bare, _, _ = strings.Cut(strings.TrimPrefix(strings.ToLower(name), "aws::"), ".")
	service, _, _ = strings.Cut(bare, "::")
	return bare, service
}

func commonPrefix(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func commonSuffix(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
