/*
 * W5: `pending` processes, each of which fires and schedules itself again up to 2 ms ahead; with mode=cancel every
 * firing also moves the process's timeout of 200 ms.
 */
#include "measure.h"

#include <memory>
#include <vector>

using namespace ns3;

namespace
{

uint64_t g_left = 0;

class Process
{
  public:
    Process(uint32_t number, bool hasTimeout)
        : m_state((number + 1) * 2654435761u),
          m_hasTimeout(hasTimeout)
    {
        ScheduleNext();
    }

  private:
    void Fire()
    {
        if (--g_left == 0)
        {
            Simulator::Stop();
            return;
        }
        if (m_hasTimeout)
        {
            m_timeout.Cancel();
            m_timeout = Simulator::Schedule(MilliSeconds(200), &Process::TimedOut, this);
        }
        ScheduleNext();
    }

    void TimedOut()
    {
    }

    void ScheduleNext()
    {
        m_state ^= m_state << 13;
        m_state ^= m_state >> 17;
        m_state ^= m_state << 5;
        Simulator::Schedule(NanoSeconds(1 + m_state % 2000000), &Process::Fire, this);
    }

    uint32_t m_state;
    bool m_hasTimeout;
    EventId m_timeout;
};

} // namespace

int
main(int argc, char** argv)
{
    const bench::Options options(argc, argv);
    const auto pending = static_cast<uint32_t>(options.Number("pending", 1000));
    const std::string mode = options.Text("mode", "hold");
    const uint64_t firings = 1000000;
    g_left = firings;
    std::vector<std::unique_ptr<Process>> processes;
    ObjectFactory scheduler;
    scheduler.SetTypeId(options.Text("scheduler", "ns3::PriorityQueueScheduler"));
    Simulator::SetScheduler(scheduler);
    for (uint32_t i = 0; i < pending; i++)
        processes.push_back(std::make_unique<Process>(i, mode == "cancel"));
    bench::RunAndReport(mode, 0, ",\"firings\":" + std::to_string(firings));
    return 0;
}
