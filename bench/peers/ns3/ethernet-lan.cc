/*
 * W3: `hosts` hosts around a learning bridge, each on a CSMA segment of its own of 1 Gb/s and 1 us (half duplex: that is
 * what this model has); 1,000 bytes of UDP every 80 us from host i to host (5i + 3) mod H. ARP is on. With switches=20
 * it is lan-large: bridges 1 to 19 hang on bridge 0 by segments of 10 Gb/s, and host i sends to host (7i + 3) mod H.
 */
#include "measure.h"

#include <ns3/bridge-module.h>
#include <ns3/csma-module.h>

#include <vector>

using namespace ns3;

namespace
{

const Time INTERVAL = MicroSeconds(80);
const uint16_t PORT = 9;
uint64_t g_delivered = 0;

void
Read(Ptr<Socket> socket)
{
    while (socket->Recv())
        g_delivered++;
}

void
SendAgain(Ptr<Socket> socket)
{
    socket->Send(Create<Packet>(1000));
    Simulator::Schedule(INTERVAL, &SendAgain, socket);
}

} // namespace

int
main(int argc, char** argv)
{
    const bench::Options options(argc, argv);
    const auto hosts = static_cast<uint32_t>(options.Number("hosts", 16));
    const auto switches = static_cast<uint32_t>(options.Number("switches", 1));
    const double seconds = options.Number("seconds", (switches == 1 ? 16.0 : 64.0) / hosts);
    const uint32_t factor = switches == 1 ? 5 : 7;
    Config::SetDefault("ns3::ArpL3Protocol::RequestJitter",
                       StringValue("ns3::ConstantRandomVariable[Constant=0]"));
    Config::SetDefault("ns3::ArpCache::PendingQueueSize", UintegerValue(100));

    NodeContainer hostNodes, bridgeNodes;
    hostNodes.Create(hosts);
    bridgeNodes.Create(switches);
    InternetStackHelper stack;
    Ipv4StaticRoutingHelper routing;
    stack.SetRoutingHelper(routing);
    stack.SetIpv6StackInstall(false);
    stack.Install(hostNodes);

    CsmaHelper segment;
    segment.SetChannelAttribute("DataRate", StringValue("1Gbps"));
    segment.SetChannelAttribute("Delay", StringValue("1us"));
    CsmaHelper uplink;
    uplink.SetChannelAttribute("DataRate", StringValue("10Gbps"));
    uplink.SetChannelAttribute("Delay", StringValue("1us"));

    std::vector<NetDeviceContainer> ports(switches);
    NetDeviceContainer hostDevices;
    for (uint32_t i = 0; i < hosts; i++)
    {
        const uint32_t s = i / (hosts / switches);
        NetDeviceContainer pair = segment.Install(NodeContainer(hostNodes.Get(i), bridgeNodes.Get(s)));
        hostDevices.Add(pair.Get(0));
        ports[s].Add(pair.Get(1));
    }
    for (uint32_t s = 1; s < switches; s++)
    {
        NetDeviceContainer pair = uplink.Install(NodeContainer(bridgeNodes.Get(0), bridgeNodes.Get(s)));
        ports[0].Add(pair.Get(0));
        ports[s].Add(pair.Get(1));
    }
    for (uint32_t s = 0; s < switches; s++)
    {
        BridgeHelper().Install(bridgeNodes.Get(s), ports[s]);
        for (uint32_t p = 0; p < ports[s].GetN(); p++)
            bench::CountHopsOf(ports[s].Get(p));
    }
    Ipv4AddressHelper addresses("10.1.0.0", "255.255.0.0");
    Ipv4InterfaceContainer interfaces = addresses.Assign(hostDevices);
    bench::WithoutQueueDiscs(hostDevices);
    for (uint32_t i = 0; i < hosts; i++)
    {
        bench::CountHopsOf(hostDevices.Get(i));
        Ptr<Socket> sink = Socket::CreateSocket(hostNodes.Get(i), UdpSocketFactory::GetTypeId());
        sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
        sink->SetRecvCallback(MakeCallback(&Read));
        Ptr<Socket> source = Socket::CreateSocket(hostNodes.Get(i), UdpSocketFactory::GetTypeId());
        source->Bind();
        source->Connect(InetSocketAddress(interfaces.GetAddress((factor * i + 3) % hosts), PORT));
        Simulator::Schedule(NanoSeconds(1000000 + 1250 * i), &SendAgain, source);
    }
    bench::RunAndReport(switches == 1 ? "ethernet-lan" : "lan-large", 0.001 + seconds, "");
    return g_delivered > 0 ? 0 : 1;
}
